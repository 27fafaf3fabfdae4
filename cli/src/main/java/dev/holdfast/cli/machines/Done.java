package dev.holdfast.cli.machines;

import java.util.List;

/** One change of a host, with what is needed to take it back. Kept as JSON. */
public sealed interface Done {
  /** In words, for people. */
  String words();

  record Packages(List<String> names) implements Done {
    @Override
    public String words() {
      return "installed " + String.join(" ", names);
    }
  }

  /** A file that was not there before. */
  record NewFile(String path, String content) implements Done {
    @Override
    public String words() {
      return "wrote " + path;
    }
  }

  /** A line at the end of a file, which may not have been there before. */
  record Line(String path, String line) implements Done {
    @Override
    public String words() {
      return "added " + line + " to " + path;
    }
  }

  /** A folder of the agent's own data. */
  record Folder(String path) implements Done {
    @Override
    public String words() {
      return "made " + path;
    }
  }

  record Image(String name) implements Done {
    @Override
    public String words() {
      return "built the image " + name;
    }
  }
}
