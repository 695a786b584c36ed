-- What decides who may do what: who is what in a practice, and the rules that people set. It holds facts and no verdicts, because the clock begins and ends rules; access.ReachOf, Decide and Explain judge when they are asked. The gate never reads it: it reads the practice's stream. Read model; rebuilt from the log at any time.

create table practice (
    group_id       uuid primary key,
    default_branch uuid
);

comment on table practice is 'One row per practice: what the rows of its members depend on.';
comment on column practice.group_id is 'The practice.';
comment on column practice.default_branch is 'Where those work whose only branch is closed; null until the branch is there.';

create table member (
    group_id        uuid        not null,
    member_id       uuid        not null,
    account_id      uuid        not null,
    role            text        not null check (role in ('owner', 'super_admin', 'manager', 'user', 'assistant')),
    active          boolean     not null,
    clinician       boolean     not null,
    branches        uuid[]      not null,
    manages         uuid[]      not null,
    assists         uuid[]      not null,
    joined_at       timestamptz not null,
    joined_revision bigint      not null,
    primary key (group_id, member_id)
);

create unique index member_by_joining on member (group_id, joined_revision);

comment on table member is 'What one present or former member is, as access is decided over it.';
comment on column member.group_id is 'The practice; every query names it.';
comment on column member.member_id is 'The member.';
comment on column member.account_id is 'The account that the membership is of.';
comment on column member.role is 'The role, of former members their last.';
comment on column member.active is 'Whether their access holds; nobody without it may do anything.';
comment on column member.clinician is 'Whether they treat patients.';
comment on column member.branches is 'The branches that they work in.';
comment on column member.manages is 'The clinicians that a manager is responsible for.';
comment on column member.assists is 'The clinicians that an assistant works for.';
comment on column member.joined_at is 'When they joined (UTC).';
comment on column member.joined_revision is 'Revision of the practice''s stream at which they joined: the order of joining.';

create table rule (
    group_id    uuid    not null,
    revision    bigint  not null,
    rule_id     uuid    not null,
    member_id   uuid,
    role        text,
    capability  text    not null,
    allow       boolean not null,
    scope       text    not null,
    valid_from  timestamptz,
    valid_until timestamptz,
    grantor     uuid    not null,
    primary key (group_id, revision),
    check ((member_id is null) <> (role is null))
);

comment on table rule is 'The rules that are set and were not replaced or cleared, of members and of roles. Whether one is in force depends on the instant that is asked about.';
comment on column rule.group_id is 'The practice; every query names it.';
comment on column rule.revision is 'Revision of the practice''s stream at which it was set: the order in which rules are looked at.';
comment on column rule.rule_id is 'The rule: the id of the event that set it.';
comment on column rule.member_id is 'The member whom it is about; null for rules of a role.';
comment on column rule.role is 'The role that it is about; null for rules of a member.';
comment on column rule.capability is 'The permission.';
comment on column rule.allow is 'Whether it allows or denies.';
comment on column rule.scope is 'How far it reaches.';
comment on column rule.valid_from is 'The first instant of its force (UTC); null for always.';
comment on column rule.valid_until is 'The first instant at which it is no longer in force (UTC); null for ever.';
comment on column rule.grantor is 'The member who set it.';

create table sharing (
    group_id uuid primary key,
    width    text not null,
    rule_id  uuid not null,
    grantor  uuid not null
);

comment on table sharing is 'How widely the clinicians of a practice share their charts; no row where nobody ever said so.';
comment on column sharing.group_id is 'The practice; every query names it.';
comment on column sharing.width is 'assigned_only, branch or group.';
comment on column sharing.rule_id is 'The setting: the id of the event that set it.';
comment on column sharing.grantor is 'The member who set it.';

-- +indexes
create index rule_of_member on rule (group_id, member_id, revision) where member_id is not null;
create index rule_of_role on rule (group_id, role, revision) where role is not null;
