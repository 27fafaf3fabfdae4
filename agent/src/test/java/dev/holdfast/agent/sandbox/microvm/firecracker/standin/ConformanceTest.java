package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The controls of the stand-in: it refuses what the published description does not have. */
class ConformanceTest {
  private static ApiDescription description =
      new ApiDescription(new Json.Obj(new java.util.LinkedHashMap<>()));

  @BeforeAll
  static void read() throws Exception {
    Optional<Path> found =
        Stream.iterate(Path.of("").toAbsolutePath(), at -> at.getParent() != null, Path::getParent)
            .map(at -> at.resolveSibling(Path.of("shared", "data", "firecracker", "api.yaml")))
            .filter(Files::isReadable)
            .findFirst();
    Assumptions.assumeTrue(
        found.isPresent(), "SKIPPED: no ../shared/data/firecracker/api.yaml beside the project");
    try (InputStream in = Files.newInputStream(found.orElseThrow())) {
      description =
          ApiDescription.of(new Load(LoadSettings.builder().build()).loadFromInputStream(in));
    }
  }

  private static Optional<String> fault(String method, String path, String body) {
    return description.fault(
        method,
        path,
        body.isEmpty() ? Optional.empty() : Optional.of(JsonText.parse(body.replace('\'', '"'))));
  }

  @Test
  void theDescriptionIsTheWholeOne() {
    assertThat(description.operations())
        .hasSizeGreaterThan(30)
        .contains("PUT /actions", "PATCH /vm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT   | /boot-source    | {'kernel_image_path':'/k'}",
        "PUT   | /machine-config | {'vcpu_count':2,'mem_size_mib':128}",
        "PUT   | /drives/a       | {'drive_id':'a','is_root_device':false,'path_on_host':'/d'}",
        "PUT   | /vsock          | {'guest_cid':3,'uds_path':'/v'}",
        "PATCH | /vm             | {'state':'Paused'}",
        "PUT   | /snapshot/load  |"
            + " {'snapshot_path':'/s','mem_backend':{'backend_type':'File','backend_path':'/m'}}",
        "PUT   | /entropy        | {}"
      })
  void whatIsRightIsTaken(String method, String path, String body) {
    assertThat(fault(method, path, body)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT   | /boot-source    | {'kernel_image_path':'/k','bootargs':'x'}            | unknown"
            + " field `bootargs`",
        "PUT   | /boot-source    | {'boot_args':'x'}                                    | missing"
            + " field `kernel_image_path`",
        "PUT   | /boot-source    | {'kernel_image_path':7}                              | expected"
            + " a string",
        "PUT   | /machine-config | {'vcpu_count':33,'mem_size_mib':128}                 | expected"
            + " at most 32",
        "PUT   | /machine-config | {'vcpu_count':0,'mem_size_mib':128}                  | expected"
            + " at least 1",
        "PUT   | /machine-config | {'vcpu_count':'2','mem_size_mib':128}                | expected"
            + " an integer",
        "PUT   | /machine-config | {'vcpu_count':2,'mem_size_mib':128,'smt':'no'}       | expected"
            + " a boolean",
        "PUT   | /machine-config | {'vcpu_count':2,'mem_size_mib':1,'huge_pages':'4M'}  | expected"
            + " one of",
        "PUT   | /actions        | {'action_type':'Start'}                              | expected"
            + " one of",
        "PATCH | /vm             | {'state':'Stopped'}                                  | expected"
            + " one of",
        "PUT   | /vm             | {'state':'Paused'}                                   | Invalid"
            + " request method",
        "PUT   | /drive/a        | {'drive_id':'a','is_root_device':false}              | Invalid"
            + " request method",
        "PUT   | /drives/b       | {'drive_id':'a','is_root_device':false}              | is not"
            + " the body's",
        "PUT   | /drives/a       |"
            + " {'drive_id':'a','is_root_device':false,'rate_limiter':{'bandwidth':{'size':1}}} |"
            + " missing field `refill_time`",
        "PUT   | /vsock          | {'guest_cid':2,'uds_path':'/v'}                      | expected"
            + " at least 3",
        "PUT   | /snapshot/load  | {'snapshot_path':'/s','network_overrides':{}}        | expected"
            + " an array",
        "PUT   | /snapshot/load  | {'snapshot_path':'/s','network_overrides':[{}]}      | missing"
            + " field `iface_id`",
        "GET   | /version        | {}                                                   | a body"
            + " where none is described"
      })
  void whatIsWrongIsRefused(String method, String path, String body, String says) {
    assertThat(fault(method, path, body)).hasValueSatisfying(f -> assertThat(f).contains(says));
  }

  private static MonitorState.Answer take(
      MonitorState state, String method, String path, String body) {
    return state.take(method, path, Optional.of(JsonText.parse(body.replace('\'', '"'))));
  }

  private static void refused(MonitorState.Answer answer, String says) {
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().map(JsonText::compact).orElse("")).contains("fault_message", says);
  }

  @Test
  void nothingIsStartedWithoutAKernel_norKeptBeforeItRuns() {
    var state = new MonitorState(description, "1.16.1");
    refused(take(state, "PUT", "/actions", "{'action_type':'InstanceStart'}"), "without kernel");
    refused(take(state, "PATCH", "/vm", "{'state':'Paused'}"), "before starting");
    String paths = "{'mem_file_path':'/m','snapshot_path':'/s'}";
    refused(take(state, "PUT", "/snapshot/create", paths), "must be paused");
  }

  @Test
  void nothingIsSetUpOnceItRuns_andNoSnapshotIsLoadedWhereSomethingWasSetUp() throws Exception {
    Path kernel = Files.createFile(Path.of("stand-in-kernel-" + ProcessHandle.current().pid()));
    try {
      var state = new MonitorState(description, "1.16.1");
      String boot = "{'kernel_image_path':'/" + kernel + "'}";
      assertThat(take(state, "PUT", "/boot-source", boot).status()).isEqualTo(204);
      String load =
          "{'snapshot_path':'/s','mem_backend':{'backend_type':'File','backend_path':'/m'}}";
      refused(take(state, "PUT", "/snapshot/load", load), "not allowed after configuring");
      String start = "{'action_type':'InstanceStart'}";
      assertThat(take(state, "PUT", "/actions", start).status()).isEqualTo(204);
      refused(take(state, "PUT", "/actions", start), "after starting");
      refused(take(state, "PUT", "/boot-source", boot), "after starting");
      refused(take(state, "PUT", "/vsock", "{'guest_cid':3,'uds_path':'/v'}"), "after starting");
      refused(take(state, "PUT", "/serial", "{}"), "after starting");
    } finally {
      Files.delete(kernel);
    }
  }

  @Test
  void whatAnOlderVersionHasNotIsRefused() {
    var older = new MonitorState(description, "1.13.0");
    refused(take(older, "PUT", "/serial", "{}"), "Invalid request");
    String load =
        "{'snapshot_path':'/s','mem_backend':{'backend_type':'File','backend_path':'/m'},'clock_realtime':true}";
    refused(take(older, "PUT", "/snapshot/load", load), "unknown field `clock_realtime`");
    var newer = new MonitorState(description, "1.16.0");
    assertThat(take(newer, "PUT", "/serial", "{}").status()).isEqualTo(204);
  }

  @Test
  void filesAreOpenedByTheMonitorAndTapsLookedFor() {
    var state = new MonitorState(description, "1.16.1");
    refused(take(state, "PUT", "/boot-source", "{'kernel_image_path':'/none'}"), "NoSuchFile");
    String card = "{'iface_id':'eth0','host_dev_name':'hfnone0'}";
    refused(take(state, "PUT", "/network-interfaces/eth0", card), "no interface hfnone0");
    // The control: one that is there.
    String loop = "{'iface_id':'eth0','host_dev_name':'lo'}";
    assertThat(take(state, "PUT", "/network-interfaces/eth0", loop).status()).isEqualTo(204);
  }
}
