-- +goose Up

create table permissions.sharing (
    group_id uuid primary key,
    width    text not null,
    rule_id  uuid not null,
    grantor  uuid not null
);

comment on table permissions.sharing is 'How widely the clinicians of a practice share their charts; no row where nobody ever said so.';
comment on column permissions.sharing.group_id is 'The practice; every query names it.';
comment on column permissions.sharing.width is 'assigned_only, branch or group.';
comment on column permissions.sharing.rule_id is 'The setting: the id of the event that set it.';
comment on column permissions.sharing.grantor is 'The member who set it.';
