-- Who looked at what, who was refused what, who took data out and who signed in. Read model; rebuilt from the log at any time.

create table entry (
    event_id     uuid        primary key,
    group_id     uuid        not null,
    at           timestamptz not null,
    kind         text        not null check (kind in ('viewed', 'refused', 'exported', 'signed_in', 'outsider')),
    actor        text        not null,
    member_id    uuid,
    role         text        not null,
    on_behalf_of text        not null,
    purpose      text        not null,
    operation    text        not null,
    section      text        not null,
    capability   text        not null,
    rule         text        not null,
    decided_by   uuid,
    filters      text        not null,
    reflects     text        not null,
    amount       bigint      not null,
    sha256       text        not null,
    position     bigint      not null,
    prepare      bigint      not null
);

comment on table entry is 'One record of the access log.';
comment on column entry.event_id is 'The event that recorded it.';
comment on column entry.group_id is 'The practice; every query names it. Of strangers, the practice that they named, whether there is one or not.';
comment on column entry.at is 'When it was recorded (UTC).';
comment on column entry.kind is 'viewed, refused, exported, signed_in, or outsider for strangers who were refused.';
comment on column entry.actor is 'Who it was: member:ID, patient:ACCOUNT, operator:ACCOUNT, stranger:ACCOUNT or system:PROCESS.';
comment on column entry.member_id is 'The member who it was; null for others.';
comment on column entry.role is 'The role that the member held; empty for others.';
comment on column entry.on_behalf_of is 'For whom they acted; empty for themselves.';
comment on column entry.purpose is 'The purpose of use that was stated; empty for none.';
comment on column entry.operation is 'What was asked for: an operation of the API, or what was exported.';
comment on column entry.section is 'Which part of the records it is of; of a refusal what it was about, without the ids.';
comment on column entry.capability is 'The permission by which it was seen, or that was missing.';
comment on column entry.rule is 'What decided, as access.Decision names it.';
comment on column entry.decided_by is 'The event that set the rule which decided; null for a rule of the matrix.';
comment on column entry.filters is 'The names of what narrowed the answer, parted by blanks; never the values.';
comment on column entry.reflects is 'The position in the log, or the moment of the past, that was shown; empty for what was shown as it was.';
comment on column entry.amount is 'How many charts were shown, or rows exported; of strangers how many further refusals came since their last record.';
comment on column entry.sha256 is 'The hash of the file that was exported; empty for others.';
comment on column entry.position is 'The commit position of the event in the log.';
comment on column entry.prepare is 'Its prepare position.';

create table shown (
    chart_id uuid        not null,
    event_id uuid        not null,
    group_id uuid        not null,
    at       timestamptz not null,
    primary key (chart_id, event_id)
);

comment on table shown is 'One chart that one record is about.';
comment on column shown.chart_id is 'The chart; of a refusal the one that was asked for, whether there is one or not.';
comment on column shown.event_id is 'The record.';
comment on column shown.group_id is 'The practice; every query names it.';
comment on column shown.at is 'When it was recorded (UTC), as in the record.';

create table set_rule (
    event_id uuid primary key,
    group_id uuid not null,
    grantor  uuid not null
);

comment on table set_rule is 'Who set a rule that decisions can name.';
comment on column set_rule.event_id is 'The event that set it.';
comment on column set_rule.group_id is 'The practice.';
comment on column set_rule.grantor is 'The member who set it.';

-- +indexes
create index entry_by_time on entry (group_id, at, event_id);
create index entry_by_member on entry (group_id, member_id, at, event_id);
create index entry_by_break_glass on entry (decided_by) where rule = 'break_glass';
create index shown_by_time on shown (chart_id, at);
create index shown_by_event on shown (event_id);
