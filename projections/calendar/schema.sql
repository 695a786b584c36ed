-- Booking: the policy of each practice, reserved and blocked time, appointments. Available slots are computed from these rows by the very function that decides bookings. Read model; rebuilt from the log at any time.

create table policy (
    group_id             uuid    primary key,
    online               boolean not null default false,
    self_service         boolean not null default false,
    cutoff_n             integer not null,
    cutoff_unit          text    not null check (cutoff_unit in ('min', 'hour', 'day')),
    horizon_days         integer not null,
    cancellation_version integer not null default 0,
    cancellation_text    text    not null default '',
    revision             bigint  not null,
    max_upcoming         integer not null default 0,
    max_per_day          integer not null default 0
);

comment on table policy is 'One practice''s booking policy; no row means that nothing was set and online booking is off.';
comment on column policy.group_id is 'The practice.';
comment on column policy.online is 'Whether patients can book online (BKG-1).';
comment on column policy.self_service is 'Whether patients can move and cancel online (BKG-3).';
comment on column policy.cutoff_n is 'Cut-off, in cutoff_unit (BKG-6).';
comment on column policy.cutoff_unit is 'Unit of the cut-off; a day keeps the wall clock (BKG-A3).';
comment on column policy.horizon_days is 'How many local days after today can be booked, inclusive (BKG-7).';
comment on column policy.cancellation_version is 'Version of the published text, 0 before the first.';
comment on column policy.cancellation_text is 'The text that patients see (BKG-4).';
comment on column policy.revision is 'Revision of the policy stream that this row reflects.';
comment on column policy.max_upcoming is 'How many upcoming appointments a patient can hold that were booked online; 0 means any number.';
comment on column policy.max_per_day is 'How many of them on one local day; 0 means any number.';

create table policy_version (
    group_id     uuid        not null,
    version      integer     not null,
    text         text        not null,
    sha256       text        not null,
    published_at timestamptz not null,
    primary key (group_id, version)
);

comment on table policy_version is 'Every text of a practice''s cancellation policy that was ever published (BKG-4).';
comment on column policy_version.group_id is 'The practice.';
comment on column policy_version.version is 'Counts the texts from 1.';
comment on column policy_version.text is 'What patients saw.';
comment on column policy_version.sha256 is 'Hash of the text''s UTF-8 bytes, hexadecimal.';
comment on column policy_version.published_at is 'When it was recorded (UTC).';

create table appointment_type (
    group_id        uuid    not null,
    type_id         uuid    not null,
    name            text    not null,
    length_min      integer not null,
    padding_min     integer not null,
    start_every_min integer not null,
    clinicians      uuid[]  not null,
    retired         boolean not null default false,
    primary key (group_id, type_id)
);

comment on table appointment_type is 'A kind of appointment that a practice offers.';
comment on column appointment_type.type_id is 'The type.';
comment on column appointment_type.group_id is 'The practice.';
comment on column appointment_type.name is 'What patients see.';
comment on column appointment_type.length_min is 'Length that patients see, minutes.';
comment on column appointment_type.padding_min is 'Padding after it, minutes; never shown to patients (BKG-8).';
comment on column appointment_type.start_every_min is 'Distance of offered starts, minutes; 0 means length plus padding (BKG-A7).';
comment on column appointment_type.clinicians is 'Who offers it (member ids); empty means all.';
comment on column appointment_type.retired is 'Retired types take no new appointments.';

create table reserve (
    group_id     uuid  not null,
    clinician_id uuid  not null,
    reserve_id   uuid  not null,
    rule         jsonb not null,
    primary key (group_id, clinician_id, reserve_id)
);

comment on table reserve is 'Time that a clinician set aside for online booking.';
comment on column reserve.reserve_id is 'The reserve.';
comment on column reserve.group_id is 'The practice.';
comment on column reserve.clinician_id is 'Whose calendar (a member id).';
comment on column reserve.rule is 'The series with its zone, wall-clock hours, repetition, end and exceptions, as domain/booking writes it.';

create table block (
    group_id     uuid        not null,
    clinician_id uuid        not null,
    block_id     uuid        not null,
    starts_at    timestamptz not null,
    ends_at      timestamptz not null,
    primary key (group_id, clinician_id, block_id)
);

comment on table block is 'Time that is not to be booked, reserved or not.';
comment on column block.block_id is 'The block.';
comment on column block.group_id is 'The practice.';
comment on column block.clinician_id is 'Whose calendar (a member id).';
comment on column block.starts_at is 'Its first instant (UTC).';
comment on column block.ends_at is 'The first instant after it (UTC).';

create table appointment (
    group_id        uuid        not null,
    clinician_id    uuid        not null,
    appointment_id  uuid        not null,
    chart_id        uuid        not null,
    type_id         uuid        not null,
    type_name       text        not null,
    length_min      integer     not null,
    padding_min     integer     not null,
    start_every_min integer     not null,
    starts_at       timestamptz not null,
    busy_until      timestamptz not null,
    local_date      date        not null,
    local_time      text        not null,
    zone            text        not null,
    booked_by       text        not null check (booked_by in ('patient', 'staff')),
    cancelled       boolean     not null default false,
    cancelled_by    text,
    notice_min      integer,
    changed_at      timestamptz not null,
    revision        bigint      not null,
    tzdb_version    text        not null default '',
    policy_version_shown integer not null default 0,
    primary key (group_id, clinician_id, appointment_id)
);

comment on table appointment is 'An appointment, cancelled ones too.';
comment on column appointment.appointment_id is 'The appointment.';
comment on column appointment.group_id is 'The practice.';
comment on column appointment.clinician_id is 'With whom (a member id).';
comment on column appointment.chart_id is 'Whose appointment.';
comment on column appointment.type_id is 'Its type when it was booked.';
comment on column appointment.type_name is 'The type''s name when it was booked (BKG-A12).';
comment on column appointment.length_min is 'Length that the patient sees, minutes.';
comment on column appointment.padding_min is 'Padding after it, minutes; never shown to patients.';
comment on column appointment.start_every_min is 'Distance of offered starts when it was booked, minutes; 0 means length plus padding.';
comment on column appointment.starts_at is 'Its first instant (UTC).';
comment on column appointment.busy_until is 'The first instant after length and padding (UTC).';
comment on column appointment.local_date is 'The day on the calendar''s wall when it was booked or moved.';
comment on column appointment.local_time is 'The time on the calendar''s wall, HH:MM.';
comment on column appointment.zone is 'The calendar''s zone (IANA).';
comment on column appointment.booked_by is 'patient (online) or staff.';
comment on column appointment.cancelled is 'Cancelled appointments take no time.';
comment on column appointment.cancelled_by is 'patient or staff; null while it stands.';
comment on column appointment.notice_min is 'Whole minutes of notice of the last move or cancellation; null without one.';
comment on column appointment.changed_at is 'When its last event was recorded (UTC).';
comment on column appointment.revision is 'Revision of the calendar''s stream that this row reflects.';
comment on column appointment.tzdb_version is 'Names the zone''s rules that its local time was reckoned with; empty if it was not recorded.';
comment on column appointment.policy_version_shown is 'Version of the cancellation policy that was shown when it was booked or moved, 0 for none.';

-- +indexes
create index appointment_busy on appointment (group_id, clinician_id, busy_until) where not cancelled;
create index appointment_of_chart on appointment (group_id, chart_id, starts_at);
create index appointment_by_start on appointment (group_id, starts_at, clinician_id, appointment_id);
