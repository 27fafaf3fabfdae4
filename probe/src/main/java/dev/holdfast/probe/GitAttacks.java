package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.HARDENED_GIT;
import static dev.holdfast.probe.Attacks.repository;
import static dev.holdfast.probe.Promise.P3;
import static dev.holdfast.probe.Promise.P5;

import java.util.List;

/**
 * Hostile repositories, read as definitions and checked out for a job. The control is what an agent
 * with plain git would do. What they would run on the host writes one file there, and no more.
 */
final class GitAttacks {
  private static final String BEGIN =
      """
      mkdir work && cd work && git init -q -b main && mkdir .holdfast
      echo 'on: push' >.holdfast/ci.yaml
      """;

  /** Publishes the work tree as {@code $SRC}, and says what to check out. */
  private static final String END =
      """
      git add -A && git commit -q --allow-empty -m attack
      git rev-parse HEAD >../commit && echo refs/heads/main >../ref
      cd .. && git clone -q --bare work src
      """;

  /** A checkout straight from the repository, with the repository's own settings. */
  private static final String PLAIN =
      "git --git-dir=\"$SRC\" --work-tree=\"$WS\" checkout -q -f \"$COMMIT\"";

  private static final String CLONE = "git clone -q \"$SRC\" \"$WS/tree\"";

  static final List<Attack> ALL =
      List.of(
          repository(
                  "hooks",
                  P3,
                  "A repository's hook runs on the host when it is checked out.",
                  BEGIN
                      + END
                      + """
                      for hook in post-checkout reference-transaction post-index-change; do
                        mkdir -p src/hooks
                        printf '#!/bin/sh\\necho a hook ran >"%s"\\n' "$PWNED" >src/hooks/$hook
                        chmod +x src/hooks/$hook
                      done
                      """,
                  PLAIN,
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "filters",
                  P3,
                  "A filter of .gitattributes runs on the host when a file is written.",
                  BEGIN
                      + "echo '* filter=evil' >.gitattributes; echo x >file\n"
                      + END
                      + "git -C src config filter.evil.smudge \"echo a filter ran >'$PWNED'; cat\"\n",
                  PLAIN,
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "file-monitor",
                  P3,
                  "A program that watches files, named by the repository's settings.",
                  BEGIN
                      + END
                      + "git -C src config core.fsmonitor \"echo a monitor ran >'$PWNED'; false\"\n",
                  PLAIN + "; git --git-dir=\"$SRC\" --work-tree=\"$WS\" status",
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "external-diff",
                  P3,
                  "A program that compares files, named by the repository's settings.",
                  BEGIN
                      + "git commit -q --allow-empty -m first; echo x >file\n"
                      + END
                      + "git -C src config diff.external \"echo a comparison ran >'$PWNED'; :\"\n",
                  "git --git-dir=\"$SRC\" diff \"$COMMIT^\" \"$COMMIT\"",
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "lost-object",
                  P3,
                  "An object that is missing, to be fetched by a program of the repository's choice.",
                  BEGIN
                      + END
                      + """
                      blob=$(git -C work rev-parse HEAD:.holdfast/ci.yaml)
                      cd src
                      git config core.repositoryformatversion 1
                      git config extensions.partialClone origin
                      git config remote.origin.promisor true
                      git config remote.origin.url "$PLACE/work"
                      git config remote.origin.uploadpack "echo an upload-pack ran >'$PWNED'; git-upload-pack"
                      rm -f "objects/$(echo "$blob" | cut -c 1-2)/$(echo "$blob" | cut -c 3-)"
                      rm -f objects/pack/*
                      """,
                  "git --git-dir=\"$SRC\" show \"$COMMIT:.holdfast/ci.yaml\"",
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "branch-as-option",
                  P3,
                  "A branch whose name is an option that starts a program.",
                  BEGIN
                      + END
                      + "printf '%s' \"--upload-pack=echo an option ran >'$PWNED'; false\" >ref\n",
                  "git -C work fetch -q \"$SRC\" \"$REF\"",
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "submodules",
                  P3,
                  "A submodule is fetched from wherever the repository says.",
                  BEGIN
                      + """
                      git init -q ../sub && echo x >../sub/fetched
                      git -C ../sub add -A && git -C ../sub commit -q -m x
                      git -c protocol.file.allow=always submodule add -q "$PLACE/sub" sub
                      """
                      + END,
                  "git -c protocol.file.allow=always clone -q --recurse-submodules \"$SRC\" \"$WS/tree\"",
                  """
                  for file in sub/fetched tree/sub/fetched; do
                    [ -e "$file" ] && through 'the submodule was fetched'
                  done
                  stopped 'the submodule is an empty folder'
                  """)
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "definition-as-link",
                  P5,
                  "A workflow file that is a link to a file of the host, which is read as a definition.",
                  BEGIN + "ln -s \"$PLACE/canary\" .holdfast/more.yaml\n" + END,
                  CLONE + "; cat \"$WS\"/tree/.holdfast/*.yaml | grep canary >\"$PWNED\"",
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "huge-definition",
                  P3,
                  "A workflow file that is small when it is sent and huge when it is read.",
                  BEGIN + "head -c 33554432 /dev/zero >.holdfast/huge.yaml\n" + END,
                  """
                  size=$(git --git-dir="$SRC" show "$COMMIT:.holdfast/huge.yaml" | wc -c)
                  [ "$size" -lt 33554432 ] || echo "$size bytes were read" >"$PWNED"
                  """,
                  "")
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "address-in-checkout",
                  P5,
                  "The checkout tells the job from where the agent fetched it.",
                  BEGIN + END,
                  CLONE,
                  """
                  for file in .git/config tree/.git/config .git/FETCH_HEAD .git/logs/HEAD tree/.git/logs/HEAD; do
                    grep -q "/src" "$file" 2>/dev/null && through "$file holds the address"
                  done
                  stopped 'the checkout has no address'
                  """)
              .alsoInMachinesStoppedBy(HARDENED_GIT),
          repository(
                  "hook-in-checkout",
                  P3,
                  "The checkout brings hooks that a template of the host put there.",
                  BEGIN
                      + END
                      + """
                      mkdir -p template/hooks && echo "$PLACE" >template/hooks/post-merge
                      git config --file .gitconfig init.templateDir "$PLACE/template"
                      """,
                  CLONE,
                  """
                  for folder in .git/hooks tree/.git/hooks; do
                    [ -e "$folder/post-merge" ] && through 'the checkout has a hook of the host'
                  done
                  stopped 'the checkout has no hook'
                  """)
              .alsoInMachinesStoppedBy(HARDENED_GIT));

  private GitAttacks() {}
}
