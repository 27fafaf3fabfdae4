package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles workflow sources, in memory, against the SDK and the JDK and nothing else, without
 * annotation processors: none of the repository's code runs.
 */
final class Compiler {
  /** More errors than anybody mends before compiling again. */
  private static final int MOST_ERRORS = 100;

  private static final List<String> OPTIONS =
      List.of("-proc:none", "-implicit:none", "-g:source,lines", "-nowarn");

  private Compiler() {}

  static Compiled compile(Sources sources) throws IOException {
    JavaCompiler javac =
        Objects.requireNonNull(
            ToolProvider.getSystemJavaCompiler(), "this Java is without the module jdk.compiler");
    var collected = new DiagnosticCollector<JavaFileObject>();
    var units = new ArrayList<JavaFileObject>();
    sources.files().forEach((name, text) -> units.add(new SourceFile(name, text)));
    try (var files =
        new MemoryFiles(
            javac.getStandardFileManager(collected, Locale.ROOT, StandardCharsets.UTF_8),
            SdkClasses.all())) {
      boolean fine =
          javac.getTask(Writer.nullWriter(), files, collected, OPTIONS, null, units).call();
      if (fine) {
        return new Compiled.Classes(files.classes());
      }
      return new Compiled.Errors(errors(collected));
    }
  }

  private static List<Diagnostic> errors(DiagnosticCollector<JavaFileObject> collected) {
    var errors = new ArrayList<Diagnostic>();
    for (var found : collected.getDiagnostics()) {
      if (found.getKind() == javax.tools.Diagnostic.Kind.ERROR && errors.size() < MOST_ERRORS) {
        String file = found.getSource() instanceof SourceFile source ? source.name : "";
        int line = (int) Math.max(0, found.getLineNumber());
        errors.add(new Diagnostic(file, line, oneLine(found.getMessage(Locale.ROOT))));
      }
    }
    if (errors.isEmpty()) {
      errors.add(new Diagnostic("", 0, "the compiler refused the sources without a reason"));
    }
    return errors;
  }

  /** Without the packages that everybody knows, as javac itself prints it. */
  private static String oneLine(String message) {
    return message
        .strip()
        .replaceAll("\\b(dev\\.holdfast\\.sdk|java\\.(lang|util))\\.(?=[A-Z])", "")
        .replaceAll("\\s*\\R\\s*", "; ")
        .replaceAll("\\s+", " ");
  }

  private static final class SourceFile extends SimpleJavaFileObject {
    private final String name;
    private final String text;

    SourceFile(String name, String text) {
      super(URI.create("source:///" + name), Kind.SOURCE);
      this.name = name;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class ClassFile extends SimpleJavaFileObject {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ClassFile(int number) {
      super(URI.create("class:///" + number + ".class"), Kind.CLASS);
    }

    @Override
    public OutputStream openOutputStream() {
      return bytes;
    }
  }

  /** The platform's classes from the JDK, the SDK's from where they are, and results in memory. */
  private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
    private final List<JavaFileObject> sdk;
    private final Map<String, ClassFile> made = new TreeMap<>();

    MemoryFiles(JavaFileManager platform, List<JavaFileObject> sdk) {
      super(platform);
      this.sdk = sdk;
    }

    SortedMap<String, byte[]> classes() {
      var classes = new TreeMap<String, byte[]>();
      made.forEach((name, file) -> classes.put(name, file.bytes.toByteArray()));
      return classes;
    }

    @Override
    public boolean hasLocation(Location location) {
      return location == StandardLocation.CLASS_PATH
          || (!(location instanceof StandardLocation) && super.hasLocation(location))
          || location == StandardLocation.SYSTEM_MODULES;
    }

    @Override
    public Iterable<JavaFileObject> list(
        Location location, String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse)
        throws IOException {
      if (location instanceof StandardLocation) {
        boolean wanted =
            location == StandardLocation.CLASS_PATH
                && packageName.equals(SdkClasses.PACKAGE)
                && kinds.contains(JavaFileObject.Kind.CLASS);
        return wanted ? sdk : List.of();
      }
      return super.list(location, packageName, kinds, recurse);
    }

    @Override
    public String inferBinaryName(Location location, JavaFileObject file) {
      return file instanceof SdkClasses.SdkClass known
          ? known.binaryName()
          : super.inferBinaryName(location, file);
    }

    @Override
    public boolean isSameFile(FileObject a, FileObject b) {
      return a.equals(b);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return made.computeIfAbsent(className, name -> new ClassFile(made.size()));
    }
  }
}
