-- The roster: one row per chart, as the practice finds its patients. Read model; rebuilt from the log at any time.
-- personal data: chart.given_name chart.family_name chart.birth_date chart.email chart.phone chart.sort_name chart.search break_glass.reason break_glass.review

create table chart (
    chart_id     uuid        primary key,
    group_id     uuid        not null,
    given_name   text        not null,
    family_name  text        not null,
    birth_date   date,
    email        text        not null,
    phone        text        not null,
    -- Root collation of ICU: letters first, then accents, then case.
    sort_name    text        collate "und-x-icu" not null,
    branch_id    uuid        not null,
    primary_id   uuid        not null,
    team         uuid[]      not null default '{}',
    windows      jsonb       not null default '{}',
    guard        jsonb       not null default '{}',
    status       text        not null check (status in ('active', 'inactive')),
    archived     boolean     not null default false,
    created_at   timestamptz not null,
    changed_at   timestamptz not null,
    revision     bigint      not null,
    search       tsvector    not null default ''
);

comment on table chart is 'One patient''s chart as the roster shows it.';
comment on column chart.chart_id is 'The chart.';
comment on column chart.group_id is 'The practice; every query names it.';
comment on column chart.given_name is 'The patient''s given name; personal data.';
comment on column chart.family_name is 'The patient''s family name; personal data.';
comment on column chart.birth_date is 'The patient''s date of birth; null if not known.';
comment on column chart.email is 'Contact address; empty if not known.';
comment on column chart.phone is 'Contact number; empty if not known.';
comment on column chart.sort_name is 'Family and given name, for sorting.';
comment on column chart.branch_id is 'The branch that the chart belongs to.';
comment on column chart.primary_id is 'The one responsible clinician (a member id).';
comment on column chart.team is 'The other members of the care team, in the order in which they joined.';
comment on column chart.windows is 'When the places of the team hold that are bounded in time (UTC): {member: {from, until}}, until exclusive.';
comment on column chart.guard is 'What is set on the chart itself: {exclusions, restriction, glass}, with members, sections and instants (UTC), until exclusive; {} for nothing.';
comment on column chart.status is 'active or inactive; independent of archived (AMB-17).';
comment on column chart.archived is 'Archived charts are read-only and hidden by default.';
comment on column chart.created_at is 'When the chart was opened (UTC).';
comment on column chart.changed_at is 'When its last event was recorded (UTC).';
comment on column chart.revision is 'Revision of the chart''s stream that this row reflects.';
comment on column chart.search is 'What the name can be found by: its words, folded (package search).';

create table former_place (
    chart_id     uuid    not null,
    member_id    uuid    not null,
    group_id     uuid    not null,
    removal_id   uuid    not null,
    role         text    not null check (role in ('primary', 'clinician', 'support')),
    given_to     uuid,
    given_to_was text    not null default '',
    moved_on     boolean not null default false,
    held         jsonb   not null default '{}',
    given_to_held jsonb  not null default '{}',
    primary key (chart_id, member_id)
);

comment on table former_place is 'A place on a chart''s care team that a member lost because they left the practice (AMB-14).';
comment on column former_place.chart_id is 'The chart.';
comment on column former_place.member_id is 'The member who left.';
comment on column former_place.group_id is 'The practice; every query names it.';
comment on column former_place.removal_id is 'The removal: the id of the first event of its command.';
comment on column former_place.role is 'What the member was on the team.';
comment on column former_place.given_to is 'Who became the primary instead; null for other places.';
comment on column former_place.given_to_was is 'The role that given_to had on the team before; empty for none.';
comment on column former_place.held is 'When the place held, if it was bounded in time (UTC): {from, until}, until exclusive.';
comment on column former_place.given_to_held is 'When the place held that given_to had on the team before, likewise.';
comment on column former_place.moved_on is 'Whether the chart had yet another primary since.';

create table break_glass (
    glass_id    uuid        primary key,
    chart_id    uuid        not null,
    group_id    uuid        not null,
    member_id   uuid        not null,
    reason_code text        not null,
    reason      text        not null,
    opened_at   timestamptz not null,
    expires_at  timestamptz not null,
    closed_at   timestamptz,
    closed_by   uuid,
    reviewed_at timestamptz,
    reviewed_by uuid,
    verdict     text        not null default '',
    review      text        not null default ''
);

comment on table break_glass is 'A time in which a member read a chart in an emergency.';
comment on column break_glass.glass_id is 'The event that opened it.';
comment on column break_glass.chart_id is 'The chart.';
comment on column break_glass.group_id is 'The practice; every query names it.';
comment on column break_glass.member_id is 'The member who broke the glass.';
comment on column break_glass.reason_code is 'The kind of emergency.';
comment on column break_glass.reason is 'The emergency in words; personal data.';
comment on column break_glass.opened_at is 'When it was recorded (UTC).';
comment on column break_glass.expires_at is 'The first instant at which it no longer holds by itself (UTC).';
comment on column break_glass.closed_at is 'When it was closed before that (UTC); null if it was not.';
comment on column break_glass.closed_by is 'The member who closed it.';
comment on column break_glass.reviewed_at is 'When it was reviewed (UTC); null until then.';
comment on column break_glass.reviewed_by is 'The member who reviewed it.';
comment on column break_glass.verdict is 'justified or unjustified; empty until it is reviewed.';
comment on column break_glass.review is 'What the reviewer says about it; personal data.';

-- +indexes
create index break_glass_latest on break_glass (group_id, opened_at, glass_id);
create index break_glass_waiting on break_glass (group_id, opened_at, glass_id) where reviewed_at is null;
create index chart_by_name on chart (group_id, archived, sort_name, chart_id);
create index chart_by_status on chart (group_id, archived, status, sort_name, chart_id);
create index chart_by_primary on chart (group_id, primary_id, archived);
create index chart_by_creation on chart (group_id, archived, created_at, chart_id);
create index chart_by_change on chart (group_id, archived, changed_at, chart_id);
create index chart_by_word on chart using gin (search);
create index chart_by_guard on chart (group_id) where guard <> '{}';
create index chart_by_team on chart using gin (team);
create index former_place_by_removal on former_place (group_id, member_id, removal_id, chart_id);
