package org.teavm.classlib.java.util.concurrent.atomic;

/** What jackson-core uses of AtomicReferenceArray. jrunc has one thread, so plain stores do. */
public class TAtomicReferenceArray<E> {
  private final Object[] elements;

  public TAtomicReferenceArray(int length) {
    elements = new Object[length];
  }

  public int length() {
    return elements.length;
  }

  @SuppressWarnings("unchecked")
  public E get(int index) {
    return (E) elements[index];
  }

  public void set(int index, E value) {
    elements[index] = value;
  }

  public E getAndSet(int index, E value) {
    E old = get(index);
    elements[index] = value;
    return old;
  }

  @SuppressWarnings("ReferenceEquality") // The contract of compareAndSet is identity.
  public boolean compareAndSet(int index, E expected, E value) {
    if (elements[index] != expected) {
      return false;
    }
    elements[index] = value;
    return true;
  }
}
