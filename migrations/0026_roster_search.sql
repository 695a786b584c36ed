-- +goose Up

-- Root collation of ICU: letters first, then accents, then case.
alter table roster.chart alter column sort_name type text collate "und-x-icu";
alter table roster.chart add column search tsvector not null default '';

create index chart_by_word on roster.chart using gin (search);

comment on column roster.chart.sort_name is 'Family and given name, for sorting.';
comment on column roster.chart.search is 'What the name can be found by: its words, folded (package search).';
