package dev.jrunc.spec;

/** Limit in bytes for one size of huge pages, such as 2MB. */
public record HugepageLimit(String pageSize, long limit) {}
