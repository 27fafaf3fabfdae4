# The parts of script/show. Sourced. A table has lines `name | sentence | command`; the command may
# hold further bars. A result is a line `name<TAB>PASS or FAIL<TAB>milliseconds<TAB>sentence`.

tab=$(printf '\t')
trim() { printf '%s' "$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; }

# each_line TABLE FUNCTION: calls it with name, sentence and command.
each_line() {
  while IFS='|' read -r name sentence command <&3; do
    name=$(trim "$name")
    case $name in '' | '#'*) continue ;; esac
    command=$(trim "$command")
    [ -n "$command" ] || die "${1#"$root"/}: '$name' has no command; a line is: name | sentence | command"
    "$2" "$name" "$(trim "$sentence")" "$command"
  done 3<"$1"
}

list_groups() {
  for table in "$tables"/*; do
    [ -f "$table" ] || continue
    printf '%s\n' "$(basename "$table")"
    each_line "$table" list_one
  done
}
list_one() { printf '  %-28s %s\n' "$1" "$2"; }

show_table() {
  each_line "$1" show_one
}

show_one() {
  [ -z "$only" ] || [ "$only" = "$1" ] || return 0
  output=$outputs/$1.log
  printf '%-28s %s ' "$1" "$2"
  began=$(now_ms)
  set +e
  (cd "$root" && sh -c "$3") >"$output" 2>&1 </dev/null 3<&-
  status=$?
  set -e
  took=$(($(now_ms) - began))
  if [ "$status" = 0 ]; then
    verdict=PASS
    printf '%sPASS%s (%s)\n' "$green" "$plain" "$(seconds $took)"
  else
    verdict=FAIL
    printf '%sFAIL%s (exit status %s after %s)\n' "$red" "$plain" "$status" "$(seconds $took)"
    tail -n 15 "$output" | sed 's/^/    | /'
    printf '    the whole output is in %s\n' "$output"
  fi
  figures_of "$1" | sed 's/^/    /'
  printf '%s\t%s\t%s\t%s\n' "$1" "$verdict" "$took" "$2" >>"$results"
}

figures_of() { sed -n 's/^figure: *//p' "$outputs/$1.log"; }

print_figures() {
  while IFS=$tab read -r name _; do
    figures_of "$name" | sed "s|^|$name$tab|"
  done <"$results" >"$outputs/figures"
  [ -s "$outputs/figures" ] || return 0
  printf '\nfigures\n'
  awk -F "$tab" '{
    at = index($2, " = ")
    if (at) printf "  %-28s %-44s %s\n", $1, substr($2, 1, at - 1), substr($2, at + 3)
    else printf "  %-28s %s\n", $1, $2
  }' "$outputs/figures"
}

write_json() {
  awk -F "$tab" -v group="$group" -v figures="$outputs/figures" '
    function text(s) {
      gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\r/, "\\r", s); gsub(/[\001-\037]/, " ", s)
      return "\"" s "\""
    }
    BEGIN {
      while ((getline line < figures) > 0) {
        cut = index(line, "\t"); name = substr(line, 1, cut - 1); rest = substr(line, cut + 1)
        at = index(rest, " = "); key = at ? substr(rest, 1, at - 1) : rest; value = at ? substr(rest, at + 3) : ""
        unit = ""
        if (match(value, /^[-+0-9.eE]+ /)) { unit = substr(value, RLENGTH + 1); value = substr(value, 1, RLENGTH - 1) }
        number = value ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/ ? value : text(value)
        list[name] = list[name] (list[name] == "" ? "" : ", ") "{\"name\": " text(key) ", \"value\": " number ", \"unit\": " text(unit) "}"
      }
      printf "{\"group\": %s, \"shown\": [", text(group)
    }
    {
      comma = NR > 1 ? "," : ""
      passed = $2 == "PASS" ? "true" : "false"
      printf "%s\n  {\"name\": %s, \"sentence\": %s, \"passed\": %s, \"milliseconds\": %d, \"figures\": [%s]}",
        comma, text($1), text($4), passed, $3, list[$1]
    }
    END { print "\n]}" }' "$results"
}

print_total() {
  failed=$(grep -c "^[^$tab]*${tab}FAIL$tab" "$results" || true)
  total=$(grep -c . "$results" || true)
  printf '\n%d shown, %d not shown\n' "$((total - failed))" "$failed"
  [ "$failed" = 0 ]
}
