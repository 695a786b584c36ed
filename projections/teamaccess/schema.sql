-- Who could open which chart when, as a member of its care team. Read model; rebuilt from the log at any time.

create table on_team (
    group_id   uuid        not null,
    chart_id   uuid        not null,
    member_id  uuid        not null,
    role       text        not null check (role in ('primary', 'custodian', 'clinician', 'support')),
    starts_at  timestamptz not null,
    ends_at    timestamptz,
    began_with uuid        not null,
    ended_with uuid,
    holds_from  timestamptz,
    holds_until timestamptz,
    check ((ends_at is null) = (ended_with is null)),
    primary key (chart_id, member_id, began_with)
);

comment on table on_team is 'One unbroken time of one member in one role on the care team of one chart.';
comment on column on_team.group_id is 'The practice; every query names it.';
comment on column on_team.chart_id is 'The chart.';
comment on column on_team.member_id is 'The member on its team.';
comment on column on_team.role is 'primary, custodian in the place of a primary, clinician or support.';
comment on column on_team.starts_at is 'When it began to hold: the recording of its first event (UTC).';
comment on column on_team.ends_at is 'The first instant at which it no longer held (UTC); null while it lasts.';
comment on column on_team.began_with is 'The event that began it.';
comment on column on_team.ended_with is 'The event that ended it; null while it lasts.';
comment on column on_team.holds_from is 'The first instant at which the place gives access, by itself (UTC); null if it is unbounded.';
comment on column on_team.holds_until is 'The first instant at which it no longer does, by itself (UTC); null if it is unbounded.';

create table membership (
    group_id   uuid        not null,
    member_id  uuid        not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz,
    began_with uuid        not null,
    primary key (member_id, began_with)
);

comment on table membership is 'One unbroken time in which a member''s access to the practice held; a team means nothing outside of it.';
comment on column membership.group_id is 'The practice.';
comment on column membership.member_id is 'The member.';
comment on column membership.starts_at is 'When they joined or came back (UTC).';
comment on column membership.ends_at is 'When their access was revoked (UTC); null while it holds.';
comment on column membership.began_with is 'The event that began it.';

-- +indexes
create index on_team_by_time on on_team (chart_id, starts_at, ends_at);
create index membership_by_time on membership (member_id, starts_at, ends_at);
