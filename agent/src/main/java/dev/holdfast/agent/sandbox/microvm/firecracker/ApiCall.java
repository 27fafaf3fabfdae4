package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * All that is ever asked of a Firecracker. Its metadata service is not in it, so no machine has
 * one.
 *
 * <p>A record's components are the fields of its body, in camel case here and in snake case there.
 */
sealed interface ApiCall {
  /** Where it goes, below the socket. */
  String path();

  default String method() {
    return switch (this) {
      case GetVersion _ -> "GET";
      case VmState _ -> "PATCH";
      case MachineConfig _,
          BootSource _,
          Drive _,
          NetworkInterface _,
          Vsock _,
          Entropy _,
          Serial _,
          Action _,
          SnapshotCreate _,
          SnapshotLoad _ ->
          "PUT";
    };
  }

  /** Its body; empty for what only reads. */
  default Optional<Json> body() {
    return method().equals("GET") ? Optional.empty() : Optional.of(snake(encoded(this)));
  }

  @SuppressWarnings("unchecked")
  private static <T extends ApiCall> Json encoded(T call) {
    return Records.encode((Class<T>) call.getClass(), call);
  }

  private static Json snake(Json json) {
    return switch (json) {
      case Json.Obj(var fields) -> {
        var renamed = new LinkedHashMap<String, Json>();
        fields.forEach((name, value) -> renamed.put(name.replace('-', '_'), snake(value)));
        yield new Json.Obj(renamed);
      }
      case Json.Arr(var items) -> new Json.Arr(items.stream().map(ApiCall::snake).toList());
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> json;
    };
  }

  record GetVersion() implements ApiCall {
    @Override
    public String path() {
      return "/version";
    }
  }

  /**
   * Without simultaneous threads of one core, which can watch each other, and without the record of
   * changed pages that only snapshots upon snapshots need.
   */
  record MachineConfig(int vcpuCount, int memSizeMib, boolean smt) implements ApiCall {
    @Override
    public String path() {
      return "/machine-config";
    }
  }

  /** Paths are the jail's. */
  record BootSource(String kernelImagePath, Optional<String> initrdPath, String bootArgs)
      implements ApiCall {
    @Override
    public String path() {
      return "/boot-source";
    }
  }

  /** Never the root device: which disk is what, the kernel's arguments and the guest agent know. */
  record Drive(
      String driveId,
      boolean isRootDevice,
      boolean isReadOnly,
      String pathOnHost,
      Optional<RateLimiter> rateLimiter)
      implements ApiCall {
    @Override
    public String path() {
      return "/drives/" + driveId;
    }
  }

  record NetworkInterface(
      String ifaceId,
      String hostDevName,
      String guestMac,
      Optional<RateLimiter> rxRateLimiter,
      Optional<RateLimiter> txRateLimiter)
      implements ApiCall {
    @Override
    public String path() {
      return "/network-interfaces/" + ifaceId;
    }
  }

  record Vsock(int guestCid, String udsPath) implements ApiCall {
    @Override
    public String path() {
      return "/vsock";
    }
  }

  record Entropy(Optional<RateLimiter> rateLimiter) implements ApiCall {
    @Override
    public String path() {
      return "/entropy";
    }
  }

  /** Without a path its bytes come out of Firecracker's standard output. */
  record Serial(Optional<TokenBucket> rateLimiter) implements ApiCall {
    @Override
    public String path() {
      return "/serial";
    }
  }

  record Action(String actionType) implements ApiCall {
    static final Action START = new Action("InstanceStart");

    @Override
    public String path() {
      return "/actions";
    }
  }

  record VmState(String state) implements ApiCall {
    static final VmState PAUSED = new VmState("Paused");

    @Override
    public String path() {
      return "/vm";
    }
  }

  record SnapshotCreate(String memFilePath, String snapshotPath, String snapshotType)
      implements ApiCall {
    @Override
    public String path() {
      return "/snapshot/create";
    }
  }

  /**
   * @param clockRealtime a boolean, only where the version has it
   */
  record SnapshotLoad(
      String snapshotPath,
      MemBackend memBackend,
      boolean resumeVm,
      List<NetworkOverride> networkOverrides,
      Optional<Json> clockRealtime)
      implements ApiCall {
    @Override
    public String path() {
      return "/snapshot/load";
    }
  }

  /** Memory that clones map privately, so that they share the host's cache of that file. */
  record MemBackend(String backendType, String backendPath) {}

  record NetworkOverride(String ifaceId, String hostDevName) {}

  record RateLimiter(TokenBucket bandwidth, TokenBucket ops) {}

  /**
   * @param refillTime in milliseconds
   */
  record TokenBucket(long size, Optional<Json> oneTimeBurst, long refillTime) {
    static TokenBucket aSecond(long size) {
      return new TokenBucket(size, Optional.empty(), 1000);
    }
  }
}
