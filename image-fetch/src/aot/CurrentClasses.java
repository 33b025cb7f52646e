import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Gives the classes of jars that were compiled for Java 5 the form of Java 8: with stack maps,
 * without which no AOT cache takes a class, so that each start would read, check and link them
 * again. What the classes do stays as it is. Arguments: the jars.
 */
final class CurrentClasses {
  private static final int OLD = ClassFile.JAVA_7_VERSION;

  private final JarFile from;
  private final ClassFile classes;

  private CurrentClasses(JarFile from) {
    this.from = from;
    ClassHierarchyResolver own =
        ClassHierarchyResolver.ofResourceParsing(this::open)
            .orElse(ClassHierarchyResolver.defaultResolver());
    classes =
        ClassFile.of(ClassHierarchyResolverOption.of(own), StackMapsOption.GENERATE_STACK_MAPS);
  }

  public static void main(String[] arguments) throws IOException {
    for (String argument : arguments) {
      Path jar = Path.of(argument);
      Path fresh = Path.of(argument + ".new");
      try (JarFile from = new JarFile(jar.toFile());
          JarOutputStream to = new JarOutputStream(Files.newOutputStream(fresh))) {
        new CurrentClasses(from).copy(to);
      }
      Files.move(fresh, jar, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void copy(JarOutputStream to) throws IOException {
    for (JarEntry entry : Collections.list(from.entries())) {
      byte[] content;
      try (InputStream in = from.getInputStream(entry)) {
        content = in.readAllBytes();
      }
      JarEntry copied = new JarEntry(entry.getName());
      // Same jar in, same jar out: the cache is bound to it.
      copied.setTimeLocal(entry.getTimeLocal());
      to.putNextEntry(copied);
      write(to, entry.getName(), content);
    }
  }

  private void write(OutputStream to, String name, byte[] content) throws IOException {
    if (name.endsWith(".class")) {
      ClassModel old = classes.parse(content);
      if (old.majorVersion() < OLD) {
        to.write(current(old));
        return;
      }
    }
    to.write(content);
  }

  private byte[] current(ClassModel old) {
    ClassTransform version =
        (built, element) -> {
          if (element instanceof ClassFileVersion) {
            built.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            built.with(element);
          }
        };
    // A method whose code is not taken apart is copied without stack maps.
    CodeTransform each = (built, element) -> built.with(element);
    return classes.transformClass(
        old, version.andThen(ClassTransform.transformingMethodBodies(each)));
  }

  private InputStream open(ClassDesc type) {
    String descriptor = type.descriptorString();
    String name = descriptor.substring(1, descriptor.length() - 1) + ".class";
    try {
      JarEntry entry = from.getJarEntry(name);
      return entry == null
          ? ClassLoader.getSystemResourceAsStream(name)
          : from.getInputStream(entry);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
