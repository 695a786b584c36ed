-- Which accounts are linked to which charts, so that a person finds their own. Read model; rebuilt from the log at any time.

create table link (
    account_id uuid not null,
    chart_id   uuid not null,
    group_id   uuid not null,
    since      timestamptz not null,
    primary key (account_id, chart_id)
);

comment on table link is 'An account of a patient or guardian that is linked to a chart. What the link allows, and whether it holds, is asked of the chart itself.';
comment on column link.account_id is 'The account, as events name it.';
comment on column link.chart_id is 'The chart.';
comment on column link.group_id is 'The practice that keeps the chart.';
comment on column link.since is 'When it was linked (UTC).';
