package dev.jrunc.runtime.shim;

import org.teavm.extension.spi.substitution.SimpleSubstitutionPolicy;
import org.teavm.extension.spi.substitution.SubstitutionSink;

/** Tells TeaVM to use {@link InternCache} where jackson-core names its own. */
public class JacksonSubstitution extends SimpleSubstitutionPolicy {
  @Override
  public void contribute(SubstitutionSink sink) {
    sink.selectClasses(named("com.fasterxml.jackson.core.util.InternCache"))
        .replacePackage("com.fasterxml.jackson.core.util", "dev.jrunc.runtime.shim");
  }
}
