-- The households of a practice: one row each, as the practice finds them. Read model; rebuilt from the log at any time.
-- personal data: household.name household.people household.search

create table household (
    household_id uuid        primary key,
    group_id     uuid        not null,
    -- Root collation of ICU: letters first, then accents, then case.
    name         text        collate "und-x-icu" not null,
    people       jsonb       not null default '{}',
    search       tsvector    not null default '',
    charts       uuid[]      not null default '{}',
    primary_id   uuid        not null,
    team         uuid[]      not null default '{}',
    windows      jsonb       not null default '{}',
    secondary_id uuid,
    offered      text        not null default '' check (offered in ('', 'offered', 'confirmed')),
    expires_at   timestamptz,
    ended        boolean     not null default false,
    created_at   timestamptz not null,
    changed_at   timestamptz not null,
    revision     bigint      not null
);

comment on table household is 'People who are looked after together, as the list shows them.';
comment on column household.household_id is 'The household.';
comment on column household.group_id is 'The practice; every query names it.';
comment on column household.name is 'What it is called; personal data.';
comment on column household.people is 'Who belongs to it, {person: name}; the name is empty where a chart says it. Personal data.';
comment on column household.search is 'What it can be found by: the words of its name and of the names of people without a chart, folded (package search).';
comment on column household.charts is 'The charts that are linked to it.';
comment on column household.primary_id is 'The one responsible clinician (a member id).';
comment on column household.team is 'The other members of its team, in the order in which they joined.';
comment on column household.windows is 'When the places of the team hold that are bounded in time (UTC): {member: {from, until}}, until exclusive.';
comment on column household.secondary_id is 'Who stands in for the primary; null for none.';
comment on column household.offered is 'Whether it is offered to another practice, and whether a patient has confirmed that.';
comment on column household.expires_at is 'When the offer lapses unless it is confirmed (UTC); null where there is none.';
comment on column household.ended is 'Whether it was dissolved, or another practice has it.';
comment on column household.created_at is 'When it was made (UTC).';
comment on column household.changed_at is 'When its last event was recorded (UTC).';
comment on column household.revision is 'Revision of the household''s stream that this row reflects.';

-- +indexes
create index household_by_name on household (group_id, ended, name, household_id);
create index household_by_primary on household (group_id, primary_id, ended);
create index household_by_team on household using gin (team);
create index household_by_chart on household using gin (charts);
create index household_by_word on household using gin (search);
