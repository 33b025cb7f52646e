/**
 * Says what this host and this user can do before there is any bundle: {@link
 * dev.jrunc.runtime.doctor.Doctor} gathers one {@link dev.jrunc.runtime.doctor.Check} for each
 * thing that containers need or may ask for. It only reads, makes nothing and runs no program.
 */
@NullMarked
package dev.jrunc.runtime.doctor;

import org.jspecify.annotations.NullMarked;
