-- +goose Up

create schema directory;

comment on schema directory is
    'The directory of a practice: everybody who is or was a member, the licences they hold, and whoever is invited. Read model; rebuilt from the log at any time.';

create table directory.practice (
    group_id       uuid primary key,
    default_branch uuid
);

comment on table directory.practice is 'One row per practice: what the rows of its members depend on.';
comment on column directory.practice.group_id is 'The practice.';
comment on column directory.practice.default_branch is 'Where those work whose only branch is closed; null until the branch is there.';

create table directory.member (
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
    role_since      timestamptz,
    left_at         timestamptz,
    removal         text        not null default '' check (removal in ('', 'access_ended', 'charts_moving', 'complete')),
    removal_id      uuid,
    charts_to_move  integer     not null default 0,
    charts_moved    integer     not null default 0,
    profession      text        not null default '',
    primary key (group_id, member_id)
);

create unique index member_by_joining on directory.member (group_id, joined_revision);

comment on table directory.member is 'One membership, present or former.';
comment on column directory.member.group_id is 'The practice; every query names it.';
comment on column directory.member.member_id is 'The member.';
comment on column directory.member.account_id is 'The account that the membership is of.';
comment on column directory.member.role is 'The role, of former members their last.';
comment on column directory.member.active is 'Whether their access holds.';
comment on column directory.member.clinician is 'Whether they treat patients, whatever the role.';
comment on column directory.member.branches is 'The branches that they work in.';
comment on column directory.member.manages is 'The clinicians that a manager is responsible for.';
comment on column directory.member.assists is 'The clinicians that an assistant works for.';
comment on column directory.member.joined_at is 'When they accepted their invitation, or founded the practice (UTC).';
comment on column directory.member.joined_revision is 'Revision of the practice''s stream at which they joined: the order of joining.';
comment on column directory.member.role_since is 'Since when they have this role (UTC).';
comment on column directory.member.left_at is 'When their access ended (UTC); null while it holds.';
comment on column directory.member.removal is 'How far the end of the membership has come: access_ended with no charts to move, charts_moving, or complete; empty while the access holds.';
comment on column directory.member.removal_id is 'The removal that moves, or moved, their charts; null for none.';
comment on column directory.member.charts_to_move is 'How many charts were known to be theirs when the removal started.';
comment on column directory.member.charts_moved is 'How many charts the removal moved, once complete.';
comment on column directory.member.profession is 'therapist or prescriber, where it was recorded; empty otherwise.';

create table directory.licence (
    licence_id uuid primary key,
    group_id   uuid not null,
    plan       text not null,
    holder     uuid
);

create index licence_by_holder on directory.licence (group_id, holder);

comment on table directory.licence is 'The licences that a practice owns, as far as the directory names them; shown to those only who may see the subscription (BIL-13).';
comment on column directory.licence.licence_id is 'The licence.';
comment on column directory.licence.group_id is 'The practice; every query names it.';
comment on column directory.licence.plan is 'The plan that it is on.';
comment on column directory.licence.holder is 'The member who holds it; null for nobody.';

create table directory.invitation (
    group_id      uuid        not null,
    invitation_id uuid        not null,
    role          text        not null,
    clinician     boolean     not null,
    branches      uuid[]      not null,
    clinicians    uuid[]      not null,
    invited_by    uuid        not null,
    invited_at    timestamptz not null,
    expires_at    timestamptz not null,
    revision      bigint      not null,
    primary key (group_id, invitation_id)
);

create unique index invitation_by_time on directory.invitation (group_id, revision);

comment on table directory.invitation is 'The invitations that were not answered, taken back or recorded as expired. Whether one still holds depends on the present instant, so it is computed when asked. Addresses are nowhere in the log, and not here.';
comment on column directory.invitation.group_id is 'The practice; every query names it.';
comment on column directory.invitation.invitation_id is 'The invitation.';
comment on column directory.invitation.role is 'The role that is offered.';
comment on column directory.invitation.clinician is 'Whether they would treat patients.';
comment on column directory.invitation.branches is 'Where they would work.';
comment on column directory.invitation.clinicians is 'Whom they would manage or assist.';
comment on column directory.invitation.invited_by is 'The member who invited them.';
comment on column directory.invitation.invited_at is 'When they were invited (UTC).';
comment on column directory.invitation.expires_at is 'The first instant at which the invitation no longer holds (UTC).';
comment on column directory.invitation.revision is 'Revision of the practice''s stream at which they were invited: the order of the list.';
