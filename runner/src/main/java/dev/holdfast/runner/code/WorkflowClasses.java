package dev.holdfast.runner.code;

import dev.holdfast.sdk.Workflows;
import java.util.Map;

/**
 * The author's classes. They see the JDK and the SDK, not the runner: two versions of a library
 * cannot meet here, and nothing of ours is an API by accident. It is no wall; the sandbox is.
 */
final class WorkflowClasses extends ClassLoader {
  /** Tells the author's stack frames from others. */
  static final String NAME = "workflow";

  private final Map<String, byte[]> classes;

  WorkflowClasses(Map<String, byte[]> classes) {
    super(NAME, new SdkOnly());
    this.classes = classes;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = classes.get(name);
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private static final class SdkOnly extends ClassLoader {
    SdkOnly() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith(SdkClasses.PACKAGE + ".")) {
        return Class.forName(name, false, Workflows.class.getClassLoader());
      }
      throw new ClassNotFoundException(name);
    }
  }
}
