package dev.holdfast.runner.code;

import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.sdk.Workflow;
import dev.holdfast.sdk.WorkflowSource;
import dev.holdfast.sdk.WorkflowSources;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls {@code define} of every class that has one: of those that implement {@link WorkflowSource}
 * or {@link WorkflowSources}, and of compact source files, which cannot say that they do. In the
 * order of class names, so that the result does not depend on the compiler's.
 *
 * @param workflows as far as they could be had
 * @param diagnostics why others could not
 */
record Definitions(List<Workflow> workflows, List<Diagnostic> diagnostics) {

  static Definitions of(Compiled.Classes classes) {
    var loader = new WorkflowClasses(classes.byName());
    // There is no log to print to before the first step, and this process's own is the agent's.
    PrintStream out = System.out;
    PrintStream err = System.err;
    var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    System.setOut(nowhere);
    System.setErr(nowhere);
    try {
      return of(classes, loader);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static Definitions of(Compiled.Classes classes, WorkflowClasses loader) {
    var workflows = new ArrayList<Workflow>();
    var diagnostics = new ArrayList<Diagnostic>();
    int sources = 0;
    for (String name : classes.byName().keySet()) {
      try {
        Class<?> type = Class.forName(name, false, loader);
        Method define = define(type);
        if (define != null) {
          sources++;
          add(type, call(type, define), workflows, diagnostics);
        }
      } catch (InvocationTargetException e) {
        diagnostics.add(AuthorError.diagnostic(e.getCause() == null ? e : e.getCause()));
      } catch (NoSuchMethodException e) {
        diagnostics.add(
            new Diagnostic("", 0, "the class " + name + " needs a constructor without parameters"));
      } catch (ReflectiveOperationException | LinkageError e) {
        diagnostics.add(new Diagnostic("", 0, "the class " + name + " cannot be used: " + e));
      }
    }
    if (sources == 0) {
      diagnostics.add(
          new Diagnostic(
              "",
              0,
              "no class in .holdfast/ defines a workflow; let one implement WorkflowSource"));
    }
    return new Definitions(List.copyOf(workflows), List.copyOf(diagnostics));
  }

  private static @Nullable Method define(Class<?> type) throws NoSuchMethodException {
    if (type.isInterface()
        || Modifier.isAbstract(type.getModifiers())
        || type.isAnonymousClass()
        || type.isLocalClass()) {
      return null;
    }
    if (WorkflowSource.class.isAssignableFrom(type)
        || WorkflowSources.class.isAssignableFrom(type)) {
      return type.getMethod("define");
    }
    if (type.getEnclosingClass() == null) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals("define")
            && method.getParameterCount() == 0
            && (method.getReturnType() == Workflow.class || method.getReturnType() == List.class)) {
          return method;
        }
      }
    }
    return null;
  }

  private static @Nullable Object call(Class<?> type, Method define)
      throws ReflectiveOperationException {
    define.setAccessible(true);
    if (Modifier.isStatic(define.getModifiers())) {
      return define.invoke(null);
    }
    var constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    return define.invoke(constructor.newInstance());
  }

  private static void add(
      Class<?> type,
      @Nullable Object defined,
      List<Workflow> workflows,
      List<Diagnostic> diagnostics) {
    List<?> items =
        defined instanceof List<?> list ? list : java.util.Collections.singletonList(defined);
    for (Object item : items) {
      if (item instanceof Workflow workflow) {
        workflows.add(workflow);
      } else {
        diagnostics.add(
            new Diagnostic(
                type.getName() + ".java", 0, "define of " + type.getName() + " gave no workflow"));
      }
    }
  }
}
