package dev.holdfast.e2e;

import dev.holdfast.forgedouble.Kind;

/** {@link TrustAt} a Gitea. */
class TrustAtGiteaTest extends TrustAt {
  TrustAtGiteaTest() {
    super(Kind.GITEA, false);
  }
}
