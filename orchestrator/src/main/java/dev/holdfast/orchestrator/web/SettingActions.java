package dev.holdfast.orchestrator.web;

/** What people change on pages of settings; the API's routes do the same by the same. */
public record SettingActions(
    RepositoryActions repositories,
    ForgeActions forges,
    SecretActions secrets,
    PolicyActions policies,
    EnvironmentActions environments,
    AccessActions access,
    AuditView audit) {}
