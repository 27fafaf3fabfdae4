/** Who may reach what: the operator's rules, decided without asking the kernel. */
@NullMarked
package dev.holdfast.agent.egress.rule;

import org.jspecify.annotations.NullMarked;
