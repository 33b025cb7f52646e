/**
 * Networks of containers. {@link dev.jrunc.runtime.network.Links}, {@link
 * dev.jrunc.runtime.network.Addresses} and {@link dev.jrunc.runtime.network.Routes} speak
 * rtnetlink; {@link dev.jrunc.runtime.network.NetworkPlanner} makes steps of what is asked for, and
 * {@link dev.jrunc.runtime.network.ContainerNetwork} performs them and takes them back. A config
 * without a word of networks gets {@link dev.jrunc.runtime.network.Loopback} and no more.
 */
@NullMarked
package dev.jrunc.runtime.network;

import org.jspecify.annotations.NullMarked;
