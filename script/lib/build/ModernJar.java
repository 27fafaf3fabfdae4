import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a jar again with its old classes in a newer class file version. Java's start-up cache takes
 * no class older than Java 6, so a library built for Java 5 would be read and verified at every start.
 * The code is the same; only the tables are added that newer versions must have for verification.
 *
 * <p>java ModernJar.java IN OUT
 */
class ModernJar {
  /** The oldest version that the cache takes without doubt. */
  private static final int WANTED = ClassFile.JAVA_8_VERSION;

  public static void main(String[] args) throws IOException {
    try (var in = new JarFile(args[0]);
        var out = new ZipOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      // What two classes have in common is asked of the jar first, then of Java.
      var hierarchy =
          ClassHierarchyResolver.ofResourceParsing(
                  name -> open(in, name.packageName().replace('.', '/'), name.displayName()))
              .orElse(ClassHierarchyResolver.defaultResolver());
      var classFile =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(hierarchy));
      for (var entry : (Iterable<java.util.jar.JarEntry>) in.stream()::iterator) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class")) {
          bytes = modern(classFile, bytes);
        }
        var copy = new ZipEntry(entry.getName());
        // The same input gives the same bytes.
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(bytes);
        out.closeEntry();
      }
    }
  }

  private static byte[] modern(ClassFile classFile, byte[] bytes) {
    ClassModel model = classFile.parse(bytes);
    if (model.majorVersion() >= ClassFile.JAVA_6_VERSION) {
      return bytes;
    }
    return classFile.build(
        model.thisClass().asSymbol(),
        builder -> {
          builder.withVersion(WANTED, 0);
          for (ClassElement element : model) {
            switch (element) {
              case ClassFileVersion old -> {}
              // Taken apart and put together, because a method that is only passed on gets no tables.
              case MethodModel method ->
                  builder.transformMethod(
                      method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
              default -> builder.with(element);
            }
          }
        });
  }

  private static InputStream open(JarFile jar, String folder, String name) {
    var entry = jar.getEntry((folder.isEmpty() ? "" : folder + "/") + name + ".class");
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
