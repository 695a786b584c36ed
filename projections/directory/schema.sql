-- The directory of a practice: everybody who is or was a member, the licences they hold, and the people who are invited. Read model; rebuilt from the log at any time.

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
    role_since      timestamptz,
    left_at         timestamptz,
    removal         text        not null default '' check (removal in ('', 'access_ended', 'charts_moving', 'complete')),
    removal_id      uuid,
    charts_to_move  integer     not null default 0,
    charts_moved    integer     not null default 0,
    profession      text        not null default '',
    primary key (group_id, member_id)
);

create unique index member_by_joining on member (group_id, joined_revision);

comment on table member is 'One membership, present or former.';
comment on column member.group_id is 'The practice; every query names it.';
comment on column member.member_id is 'The member.';
comment on column member.account_id is 'The account that the membership is of.';
comment on column member.role is 'The role, of former members their last.';
comment on column member.active is 'Whether their access holds.';
comment on column member.clinician is 'Whether they treat patients, whatever the role.';
comment on column member.branches is 'The branches that they work in.';
comment on column member.manages is 'The clinicians that a manager is responsible for.';
comment on column member.assists is 'The clinicians that an assistant works for.';
comment on column member.joined_at is 'When they accepted their invitation, or founded the practice (UTC).';
comment on column member.joined_revision is 'Revision of the practice''s stream at which they joined: the order of joining.';
comment on column member.role_since is 'Since when they have this role (UTC).';
comment on column member.left_at is 'When their access ended (UTC); null while it holds.';
comment on column member.removal is 'How far the end of the membership has come: access_ended with no charts to move, charts_moving, or complete; empty while the access holds.';
comment on column member.removal_id is 'The removal that moves, or moved, their charts; null for none.';
comment on column member.charts_to_move is 'How many charts were known to be theirs when the removal started.';
comment on column member.charts_moved is 'How many charts the removal moved, once complete.';
comment on column member.profession is 'therapist or prescriber, where it was recorded; empty otherwise.';

create table licence (
    licence_id uuid primary key,
    group_id   uuid not null,
    plan       text not null,
    holder     uuid
);

comment on table licence is 'The licences that a practice owns, as far as the directory names them; shown to those only who may see the subscription (BIL-13).';
comment on column licence.licence_id is 'The licence.';
comment on column licence.group_id is 'The practice; every query names it.';
comment on column licence.plan is 'The plan that it is on.';
comment on column licence.holder is 'The member who holds it; null for nobody.';

create table invitation (
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

create unique index invitation_by_time on invitation (group_id, revision);

comment on table invitation is 'The invitations that were not answered, taken back or recorded as expired. Whether one still holds depends on the present instant, so it is computed when asked. Addresses are nowhere in the log, and not here.';
comment on column invitation.group_id is 'The practice; every query names it.';
comment on column invitation.invitation_id is 'The invitation.';
comment on column invitation.role is 'The role that is offered.';
comment on column invitation.clinician is 'Whether they would treat patients.';
comment on column invitation.branches is 'Where they would work.';
comment on column invitation.clinicians is 'Whom they would manage or assist.';
comment on column invitation.invited_by is 'The member who invited them.';
comment on column invitation.invited_at is 'When they were invited (UTC).';
comment on column invitation.expires_at is 'The first instant at which the invitation no longer holds (UTC).';
comment on column invitation.revision is 'Revision of the practice''s stream at which they were invited: the order of the list.';

-- +indexes
create index licence_by_holder on licence (group_id, holder);
