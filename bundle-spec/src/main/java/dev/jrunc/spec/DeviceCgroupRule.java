package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Whether devices may be used; an absent number stands for all. */
public record DeviceCgroupRule(
    boolean allow,
    @Nullable String type,
    @Nullable Long major,
    @Nullable Long minor,
    @Nullable String access) {}
