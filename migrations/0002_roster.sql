-- +goose Up

create schema roster;

comment on schema roster is
    'The roster: one row per chart, as the practice finds its patients. Read model; rebuilt from the log at any time.';

create table roster.chart (
    chart_id     uuid        primary key,
    group_id     uuid        not null,
    given_name   text        not null,
    family_name  text        not null,
    birth_date   date,
    email        text        not null,
    phone        text        not null,
    sort_name    text        not null,
    branch_id    uuid        not null,
    primary_id   uuid        not null,
    team         uuid[]      not null default '{}',
    status       text        not null check (status in ('active', 'inactive')),
    archived     boolean     not null default false,
    created_at   timestamptz not null,
    changed_at   timestamptz not null,
    revision     bigint      not null
);

create index chart_by_name on roster.chart (group_id, archived, sort_name, chart_id);
create index chart_by_primary on roster.chart (group_id, primary_id, archived);
create index chart_by_creation on roster.chart (group_id, archived, created_at, chart_id);

comment on table roster.chart is 'One patient''s chart as the roster shows it.';
comment on column roster.chart.chart_id is 'The chart.';
comment on column roster.chart.group_id is 'The practice; every query names it.';
comment on column roster.chart.given_name is 'The patient''s given name; personal data.';
comment on column roster.chart.family_name is 'The patient''s family name; personal data.';
comment on column roster.chart.birth_date is 'The patient''s date of birth; null if not known.';
comment on column roster.chart.email is 'Contact address; empty if not known.';
comment on column roster.chart.phone is 'Contact number; empty if not known.';
comment on column roster.chart.sort_name is 'Family and given name, lower case, for sorting and searching.';
comment on column roster.chart.branch_id is 'The branch that the chart belongs to.';
comment on column roster.chart.primary_id is 'The one responsible clinician (a member id).';
comment on column roster.chart.team is 'The other members of the care team.';
comment on column roster.chart.status is 'active or inactive; independent of archived (AMB-17).';
comment on column roster.chart.archived is 'Archived charts are read-only and hidden by default.';
comment on column roster.chart.created_at is 'When the chart was opened (UTC).';
comment on column roster.chart.changed_at is 'When its last event was recorded (UTC).';
comment on column roster.chart.revision is 'Revision of the chart''s stream that this row reflects.';
