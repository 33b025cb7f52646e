package dev.jrunc.runtime.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SysctlWriterTest {
  @Test
  void dotsDivideANameUnlessASlashComesFirst() {
    assertEquals("net/ipv4/ip_forward", SysctlWriter.fileName("net.ipv4.ip_forward"));
    assertEquals("net/ipv4/ip_forward", SysctlWriter.fileName("net/ipv4/ip_forward"));
    assertEquals("net/ipv4/conf/eth0.1/mtu", SysctlWriter.fileName("net/ipv4/conf/eth0.1/mtu"));
    assertEquals("net/ipv4/conf/eth0.1/mtu", SysctlWriter.fileName("net.ipv4.conf.eth0/1.mtu"));
  }
}
