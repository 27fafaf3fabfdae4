package dev.holdfast.agent.egress.rule;

import java.util.List;
import java.util.stream.Stream;

/** The registries that builds fetch from, for agents whose operator names none. */
final class Registries {
  private static final List<String> ENCRYPTED =
      List.of(
          "repo.maven.apache.org",
          "repo1.maven.org",
          "plugins.gradle.org",
          "plugins-artifacts.gradle.org",
          "services.gradle.org",
          "registry.npmjs.org",
          "registry.yarnpkg.com",
          "pypi.org",
          "files.pythonhosted.org",
          "index.crates.io",
          "static.crates.io",
          "proxy.golang.org",
          "sum.golang.org",
          "rubygems.org",
          "index.rubygems.org",
          "api.nuget.org",
          "repo.packagist.org");

  /** What they hand out is signed, and fetched without encryption as often as with. */
  private static final List<String> SIGNED =
      List.of(
          "deb.debian.org",
          "security.debian.org",
          "archive.ubuntu.com",
          "security.ubuntu.com",
          "ports.ubuntu.com",
          "dl-cdn.alpinelinux.org");

  private Registries() {}

  static List<Rule> known() {
    return Stream.concat(
            ENCRYPTED.stream().map(name -> "open " + name + " 443"),
            SIGNED.stream().map(name -> "open " + name + " 80,443"))
        .map(Rule::parse)
        .toList();
  }
}
