-- What a chart holds beside what the roster shows. Read model; rebuilt from the log at any time.
-- personal data: contact.name contact.relation contact.phone contact.email

create table contact (
    chart_id      uuid    not null,
    contact_id    uuid    not null,
    group_id      uuid    not null,
    name          text    not null,
    relation      text    not null,
    phone         text    not null,
    email         text    not null,
    emergency     boolean not null,
    may_be_called boolean not null,
    added         bigint  not null,
    primary key (chart_id, contact_id)
);

comment on table contact is 'A person on a patient''s chart beside the patient.';
comment on column contact.chart_id is 'The chart.';
comment on column contact.contact_id is 'The contact.';
comment on column contact.group_id is 'The practice; every query names it.';
comment on column contact.name is 'Their name; personal data.';
comment on column contact.relation is 'What they are to the patient; personal data.';
comment on column contact.phone is 'Their number; empty if not known.';
comment on column contact.email is 'Their address; empty if not known.';
comment on column contact.emergency is 'Whether they are to be reached in an emergency.';
comment on column contact.may_be_called is 'Whether the practice may call them about the patient.';
comment on column contact.added is 'Revision of the chart''s stream at which they were added; their order.';

create table responsible_party (
    chart_id       uuid primary key,
    group_id       uuid not null,
    contact_id     uuid,
    other_chart_id uuid,
    check ((contact_id is null) <> (other_chart_id is null))
);

comment on table responsible_party is 'Who answers for a patient''s bills and consents, where the patient does not.';
comment on column responsible_party.chart_id is 'The patient''s chart.';
comment on column responsible_party.group_id is 'The practice; every query names it.';
comment on column responsible_party.contact_id is 'A contact of the chart; null if it is the patient of another chart.';
comment on column responsible_party.other_chart_id is 'The chart of the patient who answers; null if it is a contact.';
