package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import java.time.InstantSource;

/**
 * What every machine of an agent is made with.
 *
 * @param clock by which guests set theirs
 */
record MachineHost(
    MachineImages images,
    UpperDisks uppers,
    Slots slots,
    MicrovmBackend.Driver driver,
    InstantSource clock) {}
