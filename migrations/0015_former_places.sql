-- +goose Up

create table roster.former_place (
    chart_id     uuid    not null,
    member_id    uuid    not null,
    group_id     uuid    not null,
    removal_id   uuid    not null,
    role         text    not null check (role in ('primary', 'clinician', 'support')),
    given_to     uuid,
    given_to_was text    not null default '',
    moved_on     boolean not null default false,
    primary key (chart_id, member_id)
);

create index former_place_by_removal on roster.former_place (group_id, member_id, removal_id, chart_id);

comment on table roster.former_place is 'A place on a chart''s care team that a member lost because they left the practice (AMB-14).';
comment on column roster.former_place.chart_id is 'The chart.';
comment on column roster.former_place.member_id is 'The member who left.';
comment on column roster.former_place.group_id is 'The practice; every query names it.';
comment on column roster.former_place.removal_id is 'The removal: the id of the first event of its command.';
comment on column roster.former_place.role is 'What the member was on the team.';
comment on column roster.former_place.given_to is 'Who became the primary instead; null for other places.';
comment on column roster.former_place.given_to_was is 'The role that given_to had on the team before; empty for none.';
comment on column roster.former_place.moved_on is 'Whether the chart had yet another primary since.';
