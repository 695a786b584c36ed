-- +goose Up

-- The projector's version was raised: the rows are filled anew from the log.
alter table calendar.policy
    add column max_upcoming integer not null default 0,
    add column max_per_day  integer not null default 0;

comment on column calendar.policy.max_upcoming is 'How many upcoming appointments a patient can hold that were booked online; 0 means any number.';
comment on column calendar.policy.max_per_day is 'How many of them on one local day; 0 means any number.';

create table calendar.policy_version (
    group_id     uuid        not null,
    version      integer     not null,
    text         text        not null,
    sha256       text        not null,
    published_at timestamptz not null,
    primary key (group_id, version)
);

comment on table calendar.policy_version is 'Every text of a practice''s cancellation policy that was ever published (BKG-4).';
comment on column calendar.policy_version.group_id is 'The practice.';
comment on column calendar.policy_version.version is 'Counts the texts from 1.';
comment on column calendar.policy_version.text is 'What patients saw.';
comment on column calendar.policy_version.sha256 is 'Hash of the text''s UTF-8 bytes, hexadecimal.';
comment on column calendar.policy_version.published_at is 'When it was recorded (UTC).';

alter table calendar.appointment
    add column tzdb_version         text    not null default '',
    add column policy_version_shown integer not null default 0;

comment on column calendar.appointment.tzdb_version is 'Names the zone''s rules that its local time was reckoned with; empty if it was not recorded.';
comment on column calendar.appointment.policy_version_shown is 'Version of the cancellation policy that was shown when it was booked or moved, 0 for none.';
