package dev.jrunc.runtime.shim;

import org.teavm.extension.spi.substitution.SimpleSubstitutionPolicy;
import org.teavm.extension.spi.substitution.SubstitutionSink;

/** Tells TeaVM to use this package's classes where jackson-core names its own. */
public class JacksonSubstitution extends SimpleSubstitutionPolicy {
  @Override
  public void contribute(SubstitutionSink sink) {
    substitute(sink, "com.fasterxml.jackson.core.util", "InternCache");
    substitute(sink, "com.fasterxml.jackson.core.util", "BufferRecyclers");
    substitute(sink, "com.fasterxml.jackson.core.io", "CharTypes");
  }

  private void substitute(SubstitutionSink sink, String packageName, String className) {
    sink.selectClasses(named(packageName + "." + className))
        .replacePackage(packageName, "dev.jrunc.runtime.shim");
  }
}
