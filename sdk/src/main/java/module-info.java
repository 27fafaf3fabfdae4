/** What the author of a Holdfast workflow types against. */
@org.jspecify.annotations.NullMarked
module dev.holdfast.sdk {
  requires static org.jspecify;

  exports dev.holdfast.sdk;
}
