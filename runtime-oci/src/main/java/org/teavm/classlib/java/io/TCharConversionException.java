package org.teavm.classlib.java.io;

import java.io.IOException;

/** Missing from TeaVM's class library; jackson-core throws it on malformed UTF-32. */
public class TCharConversionException extends IOException {
  public TCharConversionException() {}

  public TCharConversionException(String message) {
    super(message);
  }
}
