package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies of an organisation, between the installation's and a repository's. */
@SuppressWarnings("NullAway.Init") // set before each
class OrganisationTest {
  @TempDir Path data;
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, new ManualClock());
    for (String name : new String[] {"one", "two"}) {
      add(name, ", \"organisation\": \"acme\"");
    }
    add("free", "");
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private void add(String name, String more) throws Exception {
    var added =
        stage
            .admin()
            .post(
                "/api/v1/repositories",
                "{\"name\": \"" + name + "\", \"url\": \"/tmp/" + name + ".git\"" + more + "}");
    assertThat(added.status()).as(added.text()).isEqualTo(201);
  }

  private Caller.Answer set(String scope, boolean holdKnown, int count, String loosen)
      throws Exception {
    return stage
        .admin()
        .call(
            "PUT",
            "/api/v1/policy" + scope,
            """
            {"hold-known": %s, "floor": "container", "approval": {"count": %d, "own": false},
             "hold-for": "72h", "may-loosen": [%s]}
            """
                .formatted(holdKnown, count, loosen)
                .getBytes(StandardCharsets.UTF_8));
  }

  private String count(String repository) throws Exception {
    var shown = stage.admin().get("/api/v1/policy?repository=" + repository);
    assertThat(shown.status()).as(shown.text()).isEqualTo(200);
    return shown.at("effective.approval.count");
  }

  @Test
  void itAppliesToItsRepositoriesAndToNoOther() throws Exception {
    assertThat(set("?organisation=acme", true, 2, "").status()).isEqualTo(200);
    assertThat(count("one")).isEqualTo("2");
    assertThat(count("two")).isEqualTo("2");
    assertThat(count("free")).isEqualTo("1");
    assertThat(stage.admin().get("/api/v1/repositories/one").at("organisation")).isEqualTo("acme");
    assertThat(
            stage.admin().call("DELETE", "/api/v1/policy?organisation=acme", new byte[0]).status())
        .isEqualTo(200);
    assertThat(count("one")).isEqualTo("1");
  }

  @Test
  void narrowerIsOnlyStricterUnlessTheWiderOneLetsItBe() throws Exception {
    assertThat(set("", false, 2, "").status()).isEqualTo(200);
    assertThat(set("?organisation=acme", false, 1, "").text()).contains("approval");
    assertThat(set("?organisation=acme", false, 3, "").status()).isEqualTo(200);
    assertThat(set("?repository=one", false, 2, "").text())
        .contains("less strict than 3 approvals");
    assertThat(set("?repository=one", false, 4, "").status()).isEqualTo(200);
    assertThat(set("?repository=free", false, 2, "").status()).as("control").isEqualTo(200);

    assertThat(set("", false, 2, "\"approval\"").status()).isEqualTo(200);
    assertThat(set("?organisation=acme", false, 1, "").status()).isEqualTo(200);
    assertThat(count("two")).isEqualTo("1");
  }

  @Test
  void whereTheWiderOneBecomesStricterNothingAppliesUntilItIsMended() throws Exception {
    assertThat(set("?organisation=acme", false, 2, "").status()).isEqualTo(200);
    assertThat(set("", false, 3, "").status()).isEqualTo(200);
    assertThat(stage.admin().get("/api/v1/policy?repository=one").text())
        .contains("\"problem\":\"the organisation's policy");
    assertThat(count("free")).as("control").isEqualTo("3");
  }

  @Test
  void oneThatNoRepositoryIsOfHasNone() throws Exception {
    assertThat(set("?organisation=emca", false, 2, "").status()).isEqualTo(404);
    assertThat(set("?organisation=acme&repository=one", false, 2, "").status()).isEqualTo(400);
  }
}
