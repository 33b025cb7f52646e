package org.teavm.classlib.java.util.concurrent.locks;

/** A lock for a program with one thread. */
public class TReentrantLock {
  public void lock() {}

  public void unlock() {}

  public boolean tryLock() {
    return true;
  }
}
