/**
 * Messages of netlink(7) and the sockets they go through: {@link
 * dev.jrunc.runtime.netlink.NetlinkMessage} is written, {@link
 * dev.jrunc.runtime.netlink.NetlinkReply} read. What they mean is known to the packages that use
 * them.
 */
@NullMarked
package dev.jrunc.runtime.netlink;

import org.jspecify.annotations.NullMarked;
