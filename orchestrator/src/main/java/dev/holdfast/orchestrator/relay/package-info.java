/**
 * Webhooks that come by a relay which this orchestrator dials. A relay is believed nothing: what it
 * hands over passes the checks that a webhook passes which comes by HTTP.
 */
@NullMarked
package dev.holdfast.orchestrator.relay;

import org.jspecify.annotations.NullMarked;
