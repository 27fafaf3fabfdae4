package dev.holdfast.runner.code;

import dev.holdfast.sdk.Workflows;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;

/**
 * The SDK's class files as the compiler wants them: the whole class path of a workflow. Read from
 * the jar or folder that this program runs from, without a file system for jars.
 */
final class SdkClasses {
  static final String PACKAGE = "dev.holdfast.sdk";

  private static final String FOLDER = "dev/holdfast/sdk/";

  private SdkClasses() {}

  /** One class file. */
  static final class SdkClass extends SimpleJavaFileObject {
    private final String binaryName;
    private final byte[] bytes;

    SdkClass(String simpleName, byte[] bytes) {
      super(URI.create("sdk:///" + FOLDER + simpleName.replace('$', '_') + ".class"), Kind.CLASS);
      binaryName = PACKAGE + "." + simpleName;
      this.bytes = bytes;
    }

    String binaryName() {
      return binaryName;
    }

    @Override
    public InputStream openInputStream() {
      return new ByteArrayInputStream(bytes);
    }
  }

  static List<JavaFileObject> all() throws IOException {
    Path home;
    try {
      home = Path.of(Workflows.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    return Files.isDirectory(home) ? inFolder(home.resolve(FOLDER)) : inJar(home);
  }

  private static List<JavaFileObject> inFolder(Path folder) throws IOException {
    var found = new ArrayList<JavaFileObject>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.class")) {
      for (Path file : files) {
        found.add(
            new SdkClass(simpleName(file.getFileName().toString()), Files.readAllBytes(file)));
      }
    }
    return found;
  }

  private static List<JavaFileObject> inJar(Path jar) throws IOException {
    var found = new ArrayList<JavaFileObject>();
    try (var zip = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().startsWith(FOLDER) && entry.getName().endsWith(".class")) {
          try (InputStream in = zip.getInputStream(entry)) {
            String name = entry.getName().substring(FOLDER.length());
            found.add(new SdkClass(simpleName(name), in.readAllBytes()));
          }
        }
      }
    }
    return found;
  }

  private static String simpleName(String file) {
    return file.substring(0, file.length() - ".class".length());
  }
}
