-- Which charts look as if they were of the same person, and which were merged. Read model; rebuilt from the log at any time.
-- personal data: likeness.signs

create table likeness (
    chart_id uuid   primary key,
    group_id uuid   not null,
    signs    uuid[] not null,
    merged_into uuid,
    undo_until  timestamptz
);

comment on column likeness.merged_into is 'The chart that goes on for this one; null for a chart of its own.';
comment on column likeness.undo_until is 'The first instant at which that cannot be undone any more (UTC).';
comment on table likeness is 'What the patient of a chart can be found by, hashed: charts of a practice with a sign in common look alike.';
comment on column likeness.chart_id is 'The chart.';
comment on column likeness.group_id is 'The practice; every query names it, and every sign is made with it.';
comment on column likeness.signs is 'A hash each of two of the name in a spelling, the birth date, the address and the number; the first byte says of which. Personal data: who knows both can make it.';

create table apart (
    low_chart_id  uuid not null,
    high_chart_id uuid not null,
    group_id      uuid not null,
    primary key (low_chart_id, high_chart_id)
);

comment on table apart is 'Two charts that are of two people: somebody said so.';
comment on column apart.low_chart_id is 'The chart whose id comes first.';
comment on column apart.high_chart_id is 'The other one.';
comment on column apart.group_id is 'The practice; every query names it.';

-- +indexes
create index likeness_by_sign on likeness using gin (signs);
create index likeness_by_group on likeness (group_id);
create index likeness_by_target on likeness (merged_into) where merged_into is not null;
