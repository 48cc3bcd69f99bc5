"""First tables"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
QUANTITY = sa.Numeric().with_variant(sa.String(40), "sqlite")


def _from_body(key: str) -> sa.Computed:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    text = f"json_extract(body, '$.{key}')" if on_sqlite else f"(body::jsonb ->> '{key}')"
    return sa.Computed(text, persisted=True)


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('sequence', WHOLE, autoincrement=False, nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('act', sa.Text(), _from_body("act"), nullable=False),
    sa.Column('subject', sa.Text(), _from_body("subject"), nullable=True),
    sa.Column('by', sa.Text(), _from_body("by"), nullable=False),
    sa.Column('at', sa.Text(), _from_body("at"), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('hash', name=op.f('uq_audit_entry_hash')),
    sa.UniqueConstraint('previous', name=op.f('uq_audit_entry_previous'))
    )
    op.create_index('ix_audit_entry_act', 'audit_entry', ['act', 'sequence'], unique=False)
    op.create_index(op.f('ix_audit_entry_at'), 'audit_entry', ['at'], unique=False)
    op.create_index('ix_audit_entry_by', 'audit_entry', ['by', 'sequence'], unique=False)
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['subject', 'sequence'], unique=False)
    op.create_table('audit_head',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('sequence', WHOLE, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_audit_head_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('shown_record',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_shown_record'))
    )
    op.create_index(op.f('ix_shown_record_shown_at'), 'shown_record', ['shown_at'], unique=False)
    op.create_table('sign_in_throttle',
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('failures', WHOLE, nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('username', name=op.f('pk_sign_in_throttle'))
    )
    op.create_table('account',
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password', sa.String(length=200), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('identity_checked_by', sa.String(length=64), nullable=True),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_account_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('code', name=op.f('uq_account_code')),
    sa.UniqueConstraint('username', name=op.f('uq_account_username'))
    )
    op.create_index(op.f('ix_account_entry'), 'account', ['entry'], unique=False)
    op.create_table('content',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', WHOLE, nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('length(sha256) = 64', name=op.f('ck_content_digest')),
    sa.CheckConstraint('size > 0 AND size = length(data)', name=op.f('ck_content_size')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_content_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content')),
    sa.UniqueConstraint('sha256', name=op.f('uq_content_sha256'))
    )
    op.create_index(op.f('ix_content_entry'), 'content', ['entry'], unique=False)
    op.create_table('derivation',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('parent', sa.String(length=20), nullable=False),
    sa.Column('child', sa.String(length=20), nullable=False),
    sa.Column('cells', WHOLE, nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('cells IS NULL OR cells > 0', name=op.f('ck_derivation_cells_positive')),
    sa.CheckConstraint('parent <> child', name=op.f('ck_derivation_no_self')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_derivation_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_derivation')),
    sa.UniqueConstraint('parent', 'child', name=op.f('uq_derivation_parent_child'))
    )
    op.create_index(op.f('ix_derivation_child'), 'derivation', ['child'], unique=False)
    op.create_index(op.f('ix_derivation_entry'), 'derivation', ['entry'], unique=False)
    op.create_index(op.f('ix_derivation_parent'), 'derivation', ['parent'], unique=False)
    op.create_table('person_key',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(wrapped IS NULL) = (destroyed_at IS NOT NULL)', name=op.f('ck_person_key_destroyed')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_person_key_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_key')),
    sa.UniqueConstraint('subject', name=op.f('uq_person_key_subject'))
    )
    op.create_index(op.f('ix_person_key_entry'), 'person_key', ['entry'], unique=False)
    op.create_table('api_token',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_api_token_account_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_api_token_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_api_token_token_digest'))
    )
    op.create_index(op.f('ix_api_token_account_id'), 'api_token', ['account_id'], unique=False)
    op.create_index(op.f('ix_api_token_entry'), 'api_token', ['entry'], unique=False)
    op.create_table('attachment',
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.Enum('application/pdf', 'application/vnd.isac.fcs', 'text/csv', name='mediatype', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_attachment_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_attachment_recorded_by_id')),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_attachment_sha256')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('about', 'sha256', name=op.f('uq_attachment_about_sha256')),
    sa.UniqueConstraint('code', name=op.f('uq_attachment_code'))
    )
    op.create_index(op.f('ix_attachment_about'), 'attachment', ['about'], unique=False)
    op.create_index(op.f('ix_attachment_entry'), 'attachment', ['entry'], unique=False)
    op.create_table('browser_session',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_browser_session_account_id')),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_browser_session'))
    )
    op.create_index(op.f('ix_browser_session_account_id'), 'browser_session', ['account_id'], unique=False)
    op.create_table('challenge',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('purpose', sa.String(length=80), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_challenge_account_id')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_challenge'))
    )
    op.create_index(op.f('ix_challenge_account_id'), 'challenge', ['account_id'], unique=False)
    op.create_table('csv_shape',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('version', WHOLE, nullable=False),
    sa.Column('heading', sa.String(length=120), nullable=False),
    sa.Column('sheet', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('length(digest) = 64', name=op.f('ck_csv_shape_digest')),
    sa.CheckConstraint('version > 0', name=op.f('ck_csv_shape_version_counts')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_csv_shape_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_csv_shape_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_csv_shape')),
    sa.UniqueConstraint('code', name=op.f('uq_csv_shape_code')),
    sa.UniqueConstraint('name', 'version', name=op.f('uq_csv_shape_name_version'))
    )
    op.create_index(op.f('ix_csv_shape_entry'), 'csv_shape', ['entry'], unique=False)
    op.create_table('enrolment_code',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('given_by_id', WHOLE, nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('given_by_id <> account_id', name=op.f('ck_enrolment_code_by_another')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_enrolment_code_account_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_enrolment_code_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['given_by_id'], ['account.id'], name=op.f('fk_enrolment_code_given_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment_code')),
    sa.UniqueConstraint('digest', name=op.f('uq_enrolment_code_digest'))
    )
    op.create_index(op.f('ix_enrolment_code_account_id'), 'enrolment_code', ['account_id'], unique=False)
    op.create_index(op.f('ix_enrolment_code_entry'), 'enrolment_code', ['entry'], unique=False)
    op.create_table('instrument_import',
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('shape', sa.String(length=60), nullable=False),
    sa.Column('shape_digest', sa.String(length=64), nullable=False),
    sa.Column('laboratory', sa.String(length=120), nullable=False),
    sa.Column('rows', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('rows > 0', name=op.f('ck_instrument_import_some_rows')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_instrument_import_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_instrument_import_recorded_by_id')),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_instrument_import_sha256')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instrument_import')),
    sa.UniqueConstraint('code', name=op.f('uq_instrument_import_code')),
    sa.UniqueConstraint('sha256', name=op.f('uq_instrument_import_sha256'))
    )
    op.create_index(op.f('ix_instrument_import_entry'), 'instrument_import', ['entry'], unique=False)
    op.create_table('label_job',
    sa.Column('kind', sa.Enum('bag', 'donor tube', 'harvest bag', 'culture vessel', 'sample tube', 'storage place', 'staff badge', 'wristband', 'shipment box', 'packing list', 'bedside form', name='labelkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('stock', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('used', sa.JSON(), nullable=False),
    sa.Column('pdf_digest', sa.String(length=64), nullable=False),
    sa.Column('tag_digest', sa.String(length=64), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_label_job_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_label_job_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_job')),
    sa.UniqueConstraint('code', name=op.f('uq_label_job_code'))
    )
    op.create_index(op.f('ix_label_job_entry'), 'label_job', ['entry'], unique=False)
    op.create_table('laboratory',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.Enum('in-house', 'contract', name='laboratorykind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('accreditation', sa.String(length=120), nullable=True),
    sa.Column('accredited_until', sa.Date(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('ended_why', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(accreditation IS NULL) = (accredited_until IS NULL)', name=op.f('ck_laboratory_accredited_until')),
    sa.CheckConstraint('(ended_on IS NULL) = (ended_why IS NULL)', name=op.f('ck_laboratory_ended_why')),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= since', name=op.f('ck_laboratory_ended_after')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_laboratory_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_laboratory_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_laboratory')),
    sa.UniqueConstraint('code', name=op.f('uq_laboratory_code')),
    sa.UniqueConstraint('name', name=op.f('uq_laboratory_name'))
    )
    op.create_index(op.f('ix_laboratory_entry'), 'laboratory', ['entry'], unique=False)
    op.create_table('lost_credential',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('asked_by_id', WHOLE, nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('identity_check', sa.String(length=500), nullable=False),
    sa.Column('confirmed_by_id', WHOLE, nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(confirmed_at IS NULL) = (confirmed_by_id IS NULL)', name=op.f('ck_lost_credential_confirmed_by_someone')),
    sa.CheckConstraint('asked_by_id <> account_id AND (confirmed_by_id IS NULL OR confirmed_by_id <> account_id)', name=op.f('ck_lost_credential_not_their_own')),
    sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id', name=op.f('ck_lost_credential_another_person')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_lost_credential_account_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['account.id'], name=op.f('fk_lost_credential_asked_by_id')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['account.id'], name=op.f('fk_lost_credential_confirmed_by_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_lost_credential_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lost_credential'))
    )
    op.create_index(op.f('ix_lost_credential_account_id'), 'lost_credential', ['account_id'], unique=False)
    op.create_index(op.f('ix_lost_credential_entry'), 'lost_credential', ['entry'], unique=False)
    op.create_table('passkey',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('credential_id', sa.String(length=1400), nullable=False),
    sa.Column('public_key', sa.Text(), nullable=False),
    sa.Column('sign_count', WHOLE, nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_passkey_account_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_passkey_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    op.create_index(op.f('ix_passkey_account_id'), 'passkey', ['account_id'], unique=False)
    op.create_index(op.f('ix_passkey_entry'), 'passkey', ['entry'], unique=False)
    op.create_table('performed',
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_performed_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'key', name=op.f('pk_performed'))
    )
    op.create_table('guide_read',
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_guide_read_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_guide_read'))
    )
    op.create_table('preference',
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.CheckConstraint("language IN ('en', 'fr')", name=op.f('ck_preference_language_known')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_preference_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_preference'))
    )
    op.create_table('printer',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('dpi', WHOLE, nullable=False),
    sa.Column('stock', sa.String(length=40), nullable=False),
    sa.Column('host', sa.String(length=120), nullable=False),
    sa.Column('port', WHOLE, nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_why IS NULL)', name=op.f('ck_printer_ended_why')),
    sa.CheckConstraint('dpi IN (203, 300, 600)', name=op.f('ck_printer_dpi')),
    sa.CheckConstraint('port BETWEEN 1 AND 65535', name=op.f('ck_printer_port_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_printer_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_printer_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_printer')),
    sa.UniqueConstraint('code', name=op.f('uq_printer_code')),
    sa.UniqueConstraint('name', name=op.f('uq_printer_name'))
    )
    op.create_index(op.f('ix_printer_entry'), 'printer', ['entry'], unique=False)
    op.create_table('reagent_lot',
    sa.Column('reagent', sa.Enum('medium', 'platelet lysate', 'serum', 'enzyme', 'buffer', 'cryoprotectant', 'albumin', 'growth factor', name='reagentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('lot_number', sa.String(length=40), nullable=False),
    sa.Column('supplier', sa.String(length=80), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('standing', sa.Enum('quarantine', 'released', 'blocked', name='reagentstanding', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_reagent_lot_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_reagent_lot_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reagent_lot')),
    sa.UniqueConstraint('code', name=op.f('uq_reagent_lot_code')),
    sa.UniqueConstraint('supplier', 'name', 'lot_number', name=op.f('uq_reagent_lot_supplier_name_lot_number'))
    )
    op.create_index(op.f('ix_reagent_lot_entry'), 'reagent_lot', ['entry'], unique=False)
    op.create_table('recipient',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('sex', sa.Enum('female', 'male', name='sex', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('trial', sa.String(length=60), nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_recipient_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_recipient_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipient')),
    sa.UniqueConstraint('code', name=op.f('uq_recipient_code')),
    sa.UniqueConstraint('number', name=op.f('uq_recipient_number'))
    )
    op.create_index(op.f('ix_recipient_entry'), 'recipient', ['entry'], unique=False)
    op.create_index(op.f('ix_recipient_trial'), 'recipient', ['trial'], unique=False)
    op.create_table('role_held',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('role', sa.Enum('technician', 'quality assurance', 'physician', 'nurse', 'coordinator', 'administrator', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_role_held_account_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_role_held_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_held'))
    )
    op.create_index(op.f('ix_role_held_account_id'), 'role_held', ['account_id'], unique=False)
    op.create_index(op.f('ix_role_held_entry'), 'role_held', ['entry'], unique=False)
    op.create_table('scan',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('device', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_scan_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan'))
    )
    op.create_index(op.f('ix_scan_at'), 'scan', ['at'], unique=False)
    op.create_table('scanner_trial',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('device', sa.String(length=16), nullable=False),
    sa.Column('scanner', sa.String(length=60), nullable=False),
    sa.Column('place', sa.String(length=60), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('read', sa.String(length=400), nullable=False),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_scanner_trial_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scanner_trial'))
    )
    op.create_index(op.f('ix_scanner_trial_at'), 'scanner_trial', ['at'], unique=False)
    op.create_index(op.f('ix_scanner_trial_device'), 'scanner_trial', ['device'], unique=False)
    op.create_table('sealed_value',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_sealed_value_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['subject'], ['person_key.subject'], name=op.f('fk_sealed_value_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sealed_value')),
    sa.UniqueConstraint('subject', 'field', name=op.f('uq_sealed_value_subject_field'))
    )
    op.create_index(op.f('ix_sealed_value_entry'), 'sealed_value', ['entry'], unique=False)
    op.create_index(op.f('ix_sealed_value_subject'), 'sealed_value', ['subject'], unique=False)
    op.create_table('signature',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('user_id', WHOLE, nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('meaning', sa.Enum('recipient assessed', 'criterion waived', 'trial resumed', 'donor eligible', 'donor exception', 'donor not eligible', 'released conditionally', 'certified', 'exception requested', 'released exceptionally', 'rejected', 'nonconforming', 'reinstated', 'hold lifted', 'deviation closed', 'trail reviewed', 'excursion accepted', 'return accepted', 'infusion ordered', 'investigation concluded', 'cause judged', 'alert acknowledged', name='meaning', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('binding', sa.Enum('password', 'passkey', 'time code', name='binding', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('proof', sa.Text(), nullable=True),
    sa.Column('nonce', sa.String(length=64), nullable=True),
    sa.Column('assertion', sa.String(length=64), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(binding = 'passkey') = (proof IS NOT NULL) AND (proof IS NULL) = (nonce IS NULL) AND (proof IS NULL) = (assertion IS NULL)", name=op.f('ck_signature_bound')),
    sa.CheckConstraint('length(digest) = 64', name=op.f('ck_signature_digest')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_signature_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_signature_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('assertion', name=op.f('uq_signature_assertion')),
    sa.UniqueConstraint('nonce', name=op.f('uq_signature_nonce'))
    )
    op.create_index(op.f('ix_signature_entry'), 'signature', ['entry'], unique=False)
    op.create_index(op.f('ix_signature_subject'), 'signature', ['subject'], unique=False)
    op.create_index(op.f('ix_signature_user_id'), 'signature', ['user_id'], unique=False)
    op.create_table('storage_place',
    sa.Column('tank', sa.String(length=20), nullable=False),
    sa.Column('rack', sa.String(length=20), nullable=False),
    sa.Column('box', sa.String(length=20), nullable=False),
    sa.Column('position', sa.String(length=20), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_storage_place_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_storage_place_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_storage_place')),
    sa.UniqueConstraint('code', name=op.f('uq_storage_place_code')),
    sa.UniqueConstraint('tank', 'rack', 'box', 'position', name=op.f('uq_storage_place_tank_rack_box_position'))
    )
    op.create_index(op.f('ix_storage_place_entry'), 'storage_place', ['entry'], unique=False)
    op.create_table('test_method',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('measures', sa.String(length=120), nullable=False),
    sa.Column('unit', sa.String(length=20), nullable=True),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('ended_why', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(ended_on IS NULL) = (ended_why IS NULL)', name=op.f('ck_test_method_ended_why')),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= since', name=op.f('ck_test_method_ended_after')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_test_method_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_test_method_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_test_method')),
    sa.UniqueConstraint('code', name=op.f('uq_test_method_code')),
    sa.UniqueConstraint('name', name=op.f('uq_test_method_name'))
    )
    op.create_index(op.f('ix_test_method_entry'), 'test_method', ['entry'], unique=False)
    op.create_table('time_code',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('secret', sa.String(length=200), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', WHOLE, nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(confirmed_at IS NULL) = (last_step IS NULL)', name=op.f('ck_time_code_by_a_code')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_time_code_account_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_time_code_entry'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_code'))
    )
    op.create_index(op.f('ix_time_code_account_id'), 'time_code', ['account_id'], unique=False)
    op.create_index(op.f('ix_time_code_entry'), 'time_code', ['entry'], unique=False)
    op.create_index('uq_time_code_living', 'time_code', ['account_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('adverse_event',
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('term', sa.String(length=80), nullable=False),
    sa.Column('specified', sa.String(length=80), nullable=True),
    sa.Column('ctcae_version', sa.String(length=10), nullable=False),
    sa.Column('onset_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('known_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(term = 'Other, specify') = (specified IS NOT NULL)", name=op.f('ck_adverse_event_other_is_specified')),
    sa.CheckConstraint('known_at >= onset_at', name=op.f('ck_adverse_event_known_after_onset')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_adverse_event_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_adverse_event_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_adverse_event_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adverse_event')),
    sa.UniqueConstraint('code', name=op.f('uq_adverse_event_code'))
    )
    op.create_index(op.f('ix_adverse_event_entry'), 'adverse_event', ['entry'], unique=False)
    op.create_index(op.f('ix_adverse_event_recipient_id'), 'adverse_event', ['recipient_id'], unique=False)
    op.create_table('alert',
    sa.Column('role', sa.Enum('technician', 'quality assurance', 'physician', 'nurse', 'coordinator', 'administrator', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('about', sa.String(length=40), nullable=True),
    sa.Column('sentence', sa.String(length=500), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by_id', WHOLE, nullable=True),
    sa.Column('signed', sa.Boolean(), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=True),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)', name=op.f('ck_alert_acknowledged_by_someone')),
    sa.CheckConstraint('NOT signed OR (acknowledged_at IS NULL) = (signature_id IS NULL)', name=op.f('ck_alert_acknowledged_signed')),
    sa.CheckConstraint('signed OR signature_id IS NULL', name=op.f('ck_alert_signed_where_asked')),
    sa.ForeignKeyConstraint(['acknowledged_by_id'], ['account.id'], name=op.f('fk_alert_acknowledged_by_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_alert_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_alert_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert')),
    sa.UniqueConstraint('code', name=op.f('uq_alert_code')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_alert_signature_id'))
    )
    op.create_index(op.f('ix_alert_about'), 'alert', ['about'], unique=False)
    op.create_index(op.f('ix_alert_entry'), 'alert', ['entry'], unique=False)
    op.create_table('allocation',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('trial', sa.String(length=60), nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('cohort', WHOLE, nullable=False),
    sa.Column('dose_per_kg', WHOLE, nullable=False),
    sa.Column('given_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_up_why', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(given_up_at IS NULL) = (given_up_why IS NULL)', name=op.f('ck_allocation_given_up_why')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_allocation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_allocation_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_allocation_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation')),
    sa.UniqueConstraint('recipient_id', name=op.f('uq_allocation_recipient_id'))
    )
    op.create_index(op.f('ix_allocation_entry'), 'allocation', ['entry'], unique=False)
    op.create_index('one_person_a_place', 'allocation', ['trial', 'number'], unique=True, sqlite_where=sa.text('given_up_at IS NULL'), postgresql_where=sa.text('given_up_at IS NULL'))
    op.create_table('trial_pause',
    sa.Column('trial', sa.String(length=60), nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('resumed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('board_met_on', sa.Date(), nullable=True),
    sa.Column('decision', sa.String(length=1000), nullable=True),
    sa.Column('signature_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(resumed_at IS NULL) = (signature_id IS NULL) AND (resumed_at IS NULL) = (decision IS NULL) AND (resumed_at IS NULL) = (board_met_on IS NULL)', name=op.f('ck_trial_pause_resumed_signed')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_trial_pause_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_trial_pause_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_trial_pause_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial_pause')),
    sa.UniqueConstraint('code', name=op.f('uq_trial_pause_code')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_trial_pause_signature_id'))
    )
    op.create_index(op.f('ix_trial_pause_entry'), 'trial_pause', ['entry'], unique=False)
    op.create_index('one_pause_at_a_time', 'trial_pause', ['trial'], unique=True, sqlite_where=sa.text('resumed_at IS NULL'), postgresql_where=sa.text('resumed_at IS NULL'))
    op.create_table('criterion_finding',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('found_on', sa.Date(), nullable=False),
    sa.Column('number', QUANTITY, nullable=True),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.String(length=500), nullable=False),
    sa.Column('attachment', sa.String(length=20), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('length(trim(evidence)) > 0', name=op.f('ck_criterion_finding_evidence')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_criterion_finding_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_criterion_finding_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_criterion_finding_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criterion_finding'))
    )
    op.create_index(op.f('ix_criterion_finding_entry'), 'criterion_finding', ['entry'], unique=False)
    op.create_index(op.f('ix_criterion_finding_recipient_id'), 'criterion_finding', ['recipient_id'], unique=False)
    op.create_table('assessment',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('assessed_on', sa.Date(), nullable=False),
    sa.Column('age', WHOLE, nullable=False),
    sa.Column('mrss', WHOLE, nullable=True),
    sa.Column('acr_eular_score', WHOLE, nullable=True),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('failing', sa.JSON(), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('acr_eular_score BETWEEN 0 AND 19', name=op.f('ck_assessment_score_range')),
    sa.CheckConstraint('age BETWEEN 0 AND 120', name=op.f('ck_assessment_age_range')),
    sa.CheckConstraint('mrss BETWEEN 0 AND 51', name=op.f('ck_assessment_mrss_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_assessment_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_assessment_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_assessment_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_assessment_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment'))
    )
    op.create_index(op.f('ix_assessment_entry'), 'assessment', ['entry'], unique=False)
    op.create_index(op.f('ix_assessment_recipient_id'), 'assessment', ['recipient_id'], unique=False)
    op.create_table('screening_failure',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('failing', sa.JSON(), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_screening_failure_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_screening_failure_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_screening_failure_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_screening_failure')),
    sa.UniqueConstraint('recipient_id', name=op.f('uq_screening_failure_recipient_id'))
    )
    op.create_index(op.f('ix_screening_failure_entry'), 'screening_failure', ['entry'], unique=False)
    op.create_table('waiver',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_waiver_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_waiver_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_waiver_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_waiver_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiver')),
    sa.UniqueConstraint('recipient_id', 'protocol', 'criterion', name=op.f('uq_waiver_recipient_id_protocol_criterion')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_waiver_signature_id'))
    )
    op.create_index(op.f('ix_waiver_entry'), 'waiver', ['entry'], unique=False)
    op.create_index(op.f('ix_waiver_recipient_id'), 'waiver', ['recipient_id'], unique=False)
    op.create_table('deviation',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('severity', sa.Enum('minor', 'major', 'critical', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('what', sa.String(length=1000), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('conclusion', sa.String(length=1000), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closing_signature_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(closed_at IS NULL) = (closing_signature_id IS NULL)', name=op.f('ck_deviation_closed_signed')),
    sa.CheckConstraint('(closed_at IS NULL) = (conclusion IS NULL)', name=op.f('ck_deviation_closed_concluded')),
    sa.ForeignKeyConstraint(['closing_signature_id'], ['signature.id'], name=op.f('fk_deviation_closing_signature_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_deviation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_deviation_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deviation')),
    sa.UniqueConstraint('code', name=op.f('uq_deviation_code')),
    sa.UniqueConstraint('number', name=op.f('uq_deviation_number'))
    )
    op.create_index(op.f('ix_deviation_about'), 'deviation', ['about'], unique=False)
    op.create_index(op.f('ix_deviation_entry'), 'deviation', ['entry'], unique=False)
    op.create_table('donor',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('kinship', sa.Enum('mother', 'father', 'sister', 'brother', 'daughter', 'son', 'half-sibling', 'grandparent', 'aunt or uncle', 'niece or nephew', 'cousin', name='kinship', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('sex', sa.Enum('female', 'male', name='sex', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_donor_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_donor_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_donor_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_donor')),
    sa.UniqueConstraint('code', name=op.f('uq_donor_code')),
    sa.UniqueConstraint('number', name=op.f('uq_donor_number'))
    )
    op.create_index(op.f('ix_donor_entry'), 'donor', ['entry'], unique=False)
    op.create_index(op.f('ix_donor_recipient_id'), 'donor', ['recipient_id'], unique=False)
    op.create_table('follow_up_end',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('ended_as', sa.Enum('completed', 'withdrew consent', 'lost to follow-up', 'died', 'ended by the physician', name='ended', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_follow_up_end_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_follow_up_end_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_follow_up_end_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up_end')),
    sa.UniqueConstraint('recipient_id', name=op.f('uq_follow_up_end_recipient_id'))
    )
    op.create_index(op.f('ix_follow_up_end_entry'), 'follow_up_end', ['entry'], unique=False)
    op.create_table('reagent_use',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('reagent_lot_id', WHOLE, nullable=False),
    sa.Column('used_in', sa.String(length=20), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_reagent_use_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['reagent_lot_id'], ['reagent_lot.id'], name=op.f('fk_reagent_use_reagent_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_reagent_use_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reagent_use'))
    )
    op.create_index(op.f('ix_reagent_use_entry'), 'reagent_use', ['entry'], unique=False)
    op.create_index(op.f('ix_reagent_use_reagent_lot_id'), 'reagent_use', ['reagent_lot_id'], unique=False)
    op.create_index(op.f('ix_reagent_use_used_in'), 'reagent_use', ['used_in'], unique=False)
    op.create_table('recipient_consent',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('document', sa.String(length=80), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawal_reason', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)', name=op.f('ck_recipient_consent_withdrawn_with_reason')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_recipient_consent_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_recipient_consent_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_recipient_consent_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipient_consent'))
    )
    op.create_index(op.f('ix_recipient_consent_entry'), 'recipient_consent', ['entry'], unique=False)
    op.create_index(op.f('ix_recipient_consent_recipient_id'), 'recipient_consent', ['recipient_id'], unique=False)
    op.create_table('visit',
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('name', sa.String(length=10), nullable=False),
    sa.Column('took_place_on', sa.Date(), nullable=True),
    sa.Column('missed_why', sa.String(length=500), nullable=True),
    sa.Column('within_window', sa.Boolean(), nullable=False),
    sa.Column('survival', sa.Enum('alive', 'dead', name='survival', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('mrss', WHOLE, nullable=True),
    sa.Column('mrss_sites', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('fvc_percent', QUANTITY, nullable=True),
    sa.Column('dlco_percent', QUANTITY, nullable=True),
    sa.Column('haq_di', QUANTITY, nullable=True),
    sa.Column('sf36_physical', QUANTITY, nullable=True),
    sa.Column('sf36_mental', QUANTITY, nullable=True),
    sa.Column('temperature_c', QUANTITY, nullable=True),
    sa.Column('pulse', WHOLE, nullable=True),
    sa.Column('systolic', WHOLE, nullable=True),
    sa.Column('diastolic', WHOLE, nullable=True),
    sa.Column('saturation', WHOLE, nullable=True),
    sa.Column('corrects_id', WHOLE, nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(corrects_id IS NULL) = (reason IS NULL)', name=op.f('ck_visit_corrected_why')),
    sa.CheckConstraint('(systolic IS NULL) = (diastolic IS NULL) AND (systolic IS NULL OR (systolic BETWEEN 20 AND 300 AND diastolic BETWEEN 10 AND 250))', name=op.f('ck_visit_pressure')),
    sa.CheckConstraint('(took_place_on IS NULL) = (missed_why IS NOT NULL)', name=op.f('ck_visit_took_place_or_missed')),
    sa.CheckConstraint('dlco_percent IS NULL OR CAST(dlco_percent AS NUMERIC) BETWEEN 5 AND 200', name=op.f('ck_visit_dlco_range')),
    sa.CheckConstraint('fvc_percent IS NULL OR CAST(fvc_percent AS NUMERIC) BETWEEN 5 AND 200', name=op.f('ck_visit_fvc_range')),
    sa.CheckConstraint('haq_di IS NULL OR CAST(haq_di AS NUMERIC) BETWEEN 0 AND 3', name=op.f('ck_visit_haq_range')),
    sa.CheckConstraint('mrss IS NULL OR mrss BETWEEN 0 AND 51', name=op.f('ck_visit_mrss_range')),
    sa.CheckConstraint('mrss_sites IS NULL OR mrss IS NOT NULL', name=op.f('ck_visit_sites_add_up')),
    sa.CheckConstraint('pulse IS NULL OR pulse BETWEEN 0 AND 300', name=op.f('ck_visit_pulse')),
    sa.CheckConstraint('saturation IS NULL OR saturation BETWEEN 0 AND 100', name=op.f('ck_visit_saturation')),
    sa.CheckConstraint('sf36_mental IS NULL OR CAST(sf36_mental AS NUMERIC) BETWEEN 0 AND 100', name=op.f('ck_visit_sf36_mental_range')),
    sa.CheckConstraint('sf36_physical IS NULL OR CAST(sf36_physical AS NUMERIC) BETWEEN 0 AND 100', name=op.f('ck_visit_sf36_physical_range')),
    sa.CheckConstraint('temperature_c IS NULL OR CAST(temperature_c AS NUMERIC) BETWEEN 25 AND 45', name=op.f('ck_visit_temperature')),
    sa.CheckConstraint('took_place_on IS NOT NULL OR (survival IS NULL AND mrss IS NULL AND fvc_percent IS NULL AND dlco_percent IS NULL AND haq_di IS NULL AND sf36_physical IS NULL AND sf36_mental IS NULL AND temperature_c IS NULL AND pulse IS NULL AND systolic IS NULL AND diastolic IS NULL AND saturation IS NULL AND NOT within_window)', name=op.f('ck_visit_missed_measures_nothing')),
    sa.ForeignKeyConstraint(['corrects_id'], ['visit.id'], name=op.f('fk_visit_corrects_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_visit_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_visit_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_visit_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('code', name=op.f('uq_visit_code')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_visit_corrects_id'))
    )
    op.create_index(op.f('ix_visit_entry'), 'visit', ['entry'], unique=False)
    op.create_index(op.f('ix_visit_recipient_id'), 'visit', ['recipient_id'], unique=False)
    op.create_index('uq_visit_first', 'visit', ['recipient_id', 'name'], unique=True, sqlite_where=sa.text('corrects_id IS NULL'), postgresql_where=sa.text('corrects_id IS NULL'))
    op.create_table('weight',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('kg', QUANTITY, nullable=False),
    sa.Column('measured_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('CAST(kg AS NUMERIC) BETWEEN 2 AND 400', name=op.f('ck_weight_kg_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_weight_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_weight_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_weight_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_weight'))
    )
    op.create_index(op.f('ix_weight_entry'), 'weight', ['entry'], unique=False)
    op.create_index(op.f('ix_weight_recipient_id'), 'weight', ['recipient_id'], unique=False)
    op.create_table('wristband',
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_wristband_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_wristband_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_wristband_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wristband')),
    sa.UniqueConstraint('code', name=op.f('uq_wristband_code'))
    )
    op.create_index(op.f('ix_wristband_entry'), 'wristband', ['entry'], unique=False)
    op.create_index(op.f('ix_wristband_recipient_id'), 'wristband', ['recipient_id'], unique=False)
    op.create_table('deviation_action',
    sa.Column('deviation_id', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('kind', sa.Enum('corrective', 'preventive', name='actionkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('what', sa.String(length=1000), nullable=False),
    sa.Column('owner_id', WHOLE, nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('done', sa.String(length=1000), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by_id', WHOLE, nullable=True),
    sa.Column('effective', sa.Boolean(), nullable=True),
    sa.Column('verification', sa.String(length=1000), nullable=True),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verified_by_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(done_at IS NULL) = (done IS NULL)', name=op.f('ck_deviation_action_done_said')),
    sa.CheckConstraint('(done_at IS NULL) = (done_by_id IS NULL)', name=op.f('ck_deviation_action_done_by')),
    sa.CheckConstraint('(verified_at IS NULL) = (effective IS NULL)', name=op.f('ck_deviation_action_verified_judged')),
    sa.CheckConstraint('(verified_at IS NULL) = (verification IS NULL)', name=op.f('ck_deviation_action_verified_said')),
    sa.CheckConstraint('(verified_at IS NULL) = (verified_by_id IS NULL)', name=op.f('ck_deviation_action_verified_by')),
    sa.CheckConstraint('number > 0', name=op.f('ck_deviation_action_numbered')),
    sa.CheckConstraint('verified_at IS NULL OR done_at IS NOT NULL', name=op.f('ck_deviation_action_verified_done')),
    sa.CheckConstraint('verified_by_id IS NULL OR (verified_by_id <> owner_id AND verified_by_id <> done_by_id)', name=op.f('ck_deviation_action_verified_by_another')),
    sa.ForeignKeyConstraint(['deviation_id'], ['deviation.id'], name=op.f('fk_deviation_action_deviation_id')),
    sa.ForeignKeyConstraint(['done_by_id'], ['account.id'], name=op.f('fk_deviation_action_done_by_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_deviation_action_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['account.id'], name=op.f('fk_deviation_action_owner_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_deviation_action_recorded_by_id')),
    sa.ForeignKeyConstraint(['verified_by_id'], ['account.id'], name=op.f('fk_deviation_action_verified_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deviation_action')),
    sa.UniqueConstraint('code', name=op.f('uq_deviation_action_code')),
    sa.UniqueConstraint('deviation_id', 'number', name=op.f('uq_deviation_action_deviation_id_number'))
    )
    op.create_index(op.f('ix_deviation_action_deviation_id'), 'deviation_action', ['deviation_id'], unique=False)
    op.create_index(op.f('ix_deviation_action_entry'), 'deviation_action', ['entry'], unique=False)
    op.create_index(op.f('ix_deviation_action_owner_id'), 'deviation_action', ['owner_id'], unique=False)
    op.create_table('deviation_classification',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('deviation_id', WHOLE, nullable=False),
    sa.Column('was', sa.Enum('minor', 'major', 'critical', name='severity_before', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('severity', sa.Enum('minor', 'major', 'critical', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('was <> severity', name=op.f('ck_deviation_classification_changed')),
    sa.ForeignKeyConstraint(['deviation_id'], ['deviation.id'], name=op.f('fk_deviation_classification_deviation_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_deviation_classification_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_deviation_classification_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deviation_classification'))
    )
    op.create_index(op.f('ix_deviation_classification_deviation_id'), 'deviation_classification', ['deviation_id'], unique=False)
    op.create_index(op.f('ix_deviation_classification_entry'), 'deviation_classification', ['entry'], unique=False)
    op.create_table('deviation_investigation',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('deviation_id', WHOLE, nullable=False),
    sa.Column('method', sa.Enum('5 whys', 'Ishikawa', 'fault tree', 'timeline', 'other', name='inquirymethod', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('root_cause', sa.String(length=2000), nullable=False),
    sa.Column('product_impact', sa.String(length=1000), nullable=False),
    sa.Column('other_lots', sa.String(length=1000), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['deviation_id'], ['deviation.id'], name=op.f('fk_deviation_investigation_deviation_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_deviation_investigation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_deviation_investigation_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deviation_investigation'))
    )
    op.create_index(op.f('ix_deviation_investigation_deviation_id'), 'deviation_investigation', ['deviation_id'], unique=False)
    op.create_index(op.f('ix_deviation_investigation_entry'), 'deviation_investigation', ['entry'], unique=False)
    op.create_table('donor_consent',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('donor_id', WHOLE, nullable=False),
    sa.Column('document', sa.String(length=80), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawal_reason', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)', name=op.f('ck_donor_consent_withdrawn_with_reason')),
    sa.ForeignKeyConstraint(['donor_id'], ['donor.id'], name=op.f('fk_donor_consent_donor_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_donor_consent_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_donor_consent_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_donor_consent'))
    )
    op.create_index(op.f('ix_donor_consent_donor_id'), 'donor_consent', ['donor_id'], unique=False)
    op.create_index(op.f('ix_donor_consent_entry'), 'donor_consent', ['entry'], unique=False)
    op.create_table('donor_decision',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('donor_id', WHOLE, nullable=False),
    sa.Column('outcome', sa.Enum('eligible', 'accepted by exception', 'not eligible', name='eligibility', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('justification', sa.String(length=500), nullable=True),
    sa.Column('warnings', sa.JSON(), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("outcome <> 'accepted by exception' OR justification IS NOT NULL", name=op.f('ck_donor_decision_exception_justified')),
    sa.ForeignKeyConstraint(['donor_id'], ['donor.id'], name=op.f('fk_donor_decision_donor_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_donor_decision_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_donor_decision_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_donor_decision_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_donor_decision'))
    )
    op.create_index(op.f('ix_donor_decision_donor_id'), 'donor_decision', ['donor_id'], unique=False)
    op.create_index(op.f('ix_donor_decision_entry'), 'donor_decision', ['entry'], unique=False)
    op.create_table('harvest',
    sa.Column('din', sa.String(length=13), nullable=False),
    sa.Column('donor_id', WHOLE, nullable=False),
    sa.Column('site', sa.Enum('left posterior iliac crest', 'right posterior iliac crest', 'both posterior iliac crests', 'sternum', name='site', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('collected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('volume_ml', QUANTITY, nullable=False),
    sa.Column('anticoagulant', sa.Enum('heparin', 'ACD-A', name='anticoagulant', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transport_min_c', QUANTITY, nullable=True),
    sa.Column('transport_max_c', QUANTITY, nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_by_id', WHOLE, nullable=True),
    sa.Column('condition', sa.String(length=200), nullable=True),
    sa.Column('nucleated_cells', WHOLE, nullable=True),
    sa.Column('viability', QUANTITY, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(received_at IS NULL) = (received_by_id IS NULL)', name=op.f('ck_harvest_received_by_someone')),
    sa.CheckConstraint('CAST(volume_ml AS NUMERIC) > 0 AND CAST(volume_ml AS NUMERIC) <= 2000', name=op.f('ck_harvest_volume_range')),
    sa.CheckConstraint('nucleated_cells IS NULL OR nucleated_cells > 0', name=op.f('ck_harvest_cells_positive')),
    sa.CheckConstraint('received_at IS NULL OR received_at >= collected_at', name=op.f('ck_harvest_received_after_collection')),
    sa.CheckConstraint('viability IS NULL OR CAST(viability AS NUMERIC) BETWEEN 0 AND 100', name=op.f('ck_harvest_viability_range')),
    sa.ForeignKeyConstraint(['donor_id'], ['donor.id'], name=op.f('fk_harvest_donor_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_harvest_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['received_by_id'], ['account.id'], name=op.f('fk_harvest_received_by_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_harvest_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_harvest')),
    sa.UniqueConstraint('code', name=op.f('uq_harvest_code')),
    sa.UniqueConstraint('din', name=op.f('uq_harvest_din'))
    )
    op.create_index(op.f('ix_harvest_donor_id'), 'harvest', ['donor_id'], unique=False)
    op.create_index(op.f('ix_harvest_entry'), 'harvest', ['entry'], unique=False)
    op.create_table('hla_typing',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('donor_id', WHOLE, nullable=False),
    sa.Column('locus', sa.String(length=10), nullable=False),
    sa.Column('first', sa.String(length=20), nullable=False),
    sa.Column('second', sa.String(length=20), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['donor_id'], ['donor.id'], name=op.f('fk_hla_typing_donor_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_hla_typing_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_hla_typing_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hla_typing'))
    )
    op.create_index(op.f('ix_hla_typing_donor_id'), 'hla_typing', ['donor_id'], unique=False)
    op.create_index(op.f('ix_hla_typing_entry'), 'hla_typing', ['entry'], unique=False)
    op.create_table('infusion_order',
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('dose_per_kg', WHOLE, nullable=False),
    sa.Column('weight_id', WHOLE, nullable=False),
    sa.Column('weight_kg', QUANTITY, nullable=False),
    sa.Column('target_cells', WHOLE, nullable=False),
    sa.Column('given_cells', WHOLE, nullable=False),
    sa.Column('tolerance_percent', QUANTITY, nullable=False),
    sa.Column('dmso_ml', QUANTITY, nullable=False),
    sa.Column('ml_per_minute_max', QUANTITY, nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_why', sa.String(length=500), nullable=True),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(cancelled_at IS NULL) = (cancelled_why IS NULL)', name=op.f('ck_infusion_order_cancelled_why')),
    sa.CheckConstraint('dose_per_kg > 0 AND target_cells > 0 AND given_cells >= 0', name=op.f('ck_infusion_order_positive')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_infusion_order_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_infusion_order_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_infusion_order_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_infusion_order_signature_id')),
    sa.ForeignKeyConstraint(['weight_id'], ['weight.id'], name=op.f('fk_infusion_order_weight_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_infusion_order')),
    sa.UniqueConstraint('code', name=op.f('uq_infusion_order_code')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_infusion_order_signature_id'))
    )
    op.create_index(op.f('ix_infusion_order_entry'), 'infusion_order', ['entry'], unique=False)
    op.create_index(op.f('ix_infusion_order_recipient_id'), 'infusion_order', ['recipient_id'], unique=False)
    op.create_table('marker',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('donor_id', WHOLE, nullable=False),
    sa.Column('agent', sa.Enum('anti-HIV-1/2', 'HBsAg', 'anti-HBc', 'anti-HCV', 'syphilis', 'anti-HTLV-I/II', 'anti-CMV', 'anti-EBV', 'anti-Toxoplasma', name='agent', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reaction', sa.Enum('non-reactive', 'reactive', 'indeterminate', name='reaction', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('sampled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('laboratory', sa.String(length=120), nullable=False),
    sa.Column('corrects_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['corrects_id'], ['marker.id'], name=op.f('fk_marker_corrects_id')),
    sa.ForeignKeyConstraint(['donor_id'], ['donor.id'], name=op.f('fk_marker_donor_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_marker_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_marker_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_marker')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_marker_corrects_id'))
    )
    op.create_index(op.f('ix_marker_donor_id'), 'marker', ['donor_id'], unique=False)
    op.create_index(op.f('ix_marker_entry'), 'marker', ['entry'], unique=False)
    op.create_table('opinion',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('adverse_event_id', WHOLE, nullable=False),
    sa.Column('side', sa.Enum('investigator', 'sponsor', name='side', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('cause', sa.Enum('related', 'not related', name='cause', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('expectedness', sa.Enum('expected', 'unexpected', name='expectedness', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(side = 'sponsor') = (expectedness IS NOT NULL)", name=op.f('ck_opinion_the_sponsor_says_expected')),
    sa.ForeignKeyConstraint(['adverse_event_id'], ['adverse_event.id'], name=op.f('fk_opinion_adverse_event_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_opinion_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_opinion_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_opinion_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opinion')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_opinion_signature_id'))
    )
    op.create_index(op.f('ix_opinion_adverse_event_id'), 'opinion', ['adverse_event_id'], unique=False)
    op.create_index(op.f('ix_opinion_entry'), 'opinion', ['entry'], unique=False)
    op.create_table('culture',
    sa.Column('harvest_id', WHOLE, nullable=False),
    sa.Column('passage', WHOLE, nullable=False),
    sa.Column('vessel', sa.Enum('T-75 flask', 'T-175 flask', '1-layer stack', '2-layer stack', '5-layer stack', '10-layer stack', name='vesselkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('vessels', WHOLE, nullable=False),
    sa.Column('area_cm2', WHOLE, nullable=False),
    sa.Column('seeded_cells', WHOLE, nullable=False),
    sa.Column('colony_forming', WHOLE, nullable=True),
    sa.Column('seeded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('incubator', sa.String(length=40), nullable=False),
    sa.Column('next_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_as', sa.String(length=40), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_as IS NULL)', name=op.f('ck_culture_ended_as_something')),
    sa.CheckConstraint('colony_forming IS NULL OR colony_forming > 0', name=op.f('ck_culture_colonies')),
    sa.CheckConstraint('passage >= 0 AND vessels > 0 AND area_cm2 > 0 AND seeded_cells > 0', name=op.f('ck_culture_positive')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_culture_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['harvest_id'], ['harvest.id'], name=op.f('fk_culture_harvest_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_culture_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_culture')),
    sa.UniqueConstraint('code', name=op.f('uq_culture_code'))
    )
    op.create_index(op.f('ix_culture_entry'), 'culture', ['entry'], unique=False)
    op.create_index(op.f('ix_culture_harvest_id'), 'culture', ['harvest_id'], unique=False)
    op.create_table('lot',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('harvest_id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('passage', WHOLE, nullable=False),
    sa.Column('specification', sa.String(length=60), nullable=False),
    sa.Column('specification_digest', sa.String(length=64), nullable=False),
    sa.Column('standing', sa.Enum('pending', 'conditional', 'certified', 'exceptional', 'rejected', 'nonconforming', name='standing', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('filled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('excipients', sa.String(length=200), nullable=False),
    sa.Column('dmso_percent', QUANTITY, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('CAST(dmso_percent AS NUMERIC) BETWEEN 0 AND 20', name=op.f('ck_lot_dmso_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_lot_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['harvest_id'], ['harvest.id'], name=op.f('fk_lot_harvest_id')),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_lot_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_lot_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot')),
    sa.UniqueConstraint('code', name=op.f('uq_lot_code')),
    sa.UniqueConstraint('number', name=op.f('uq_lot_number'))
    )
    op.create_index(op.f('ix_lot_entry'), 'lot', ['entry'], unique=False)
    op.create_index(op.f('ix_lot_harvest_id'), 'lot', ['harvest_id'], unique=False)
    op.create_index(op.f('ix_lot_recipient_id'), 'lot', ['recipient_id'], unique=False)
    op.create_table('bag',
    sa.Column('lot_id', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('volume_ml', QUANTITY, nullable=False),
    sa.Column('viable_cells', WHOLE, nullable=False),
    sa.Column('place', sa.Enum('filled', 'stored', 'issued', 'received', 'infusing', 'infused', 'returned', 'destroyed', name='place', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('place_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('storage_place_id', WHOLE, nullable=True),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('thawed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('thaw_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(place = 'stored') = (storage_place_id IS NOT NULL)", name=op.f('ck_bag_stored_somewhere')),
    sa.CheckConstraint('(thawed_at IS NULL) = (thaw_expires_at IS NULL)', name=op.f('ck_bag_thaw_expires')),
    sa.CheckConstraint('CAST(volume_ml AS NUMERIC) > 0 AND CAST(volume_ml AS NUMERIC) <= 1000', name=op.f('ck_bag_volume_range')),
    sa.CheckConstraint('viable_cells > 0 AND number > 0', name=op.f('ck_bag_positive')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_bag_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_bag_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_bag_recorded_by_id')),
    sa.ForeignKeyConstraint(['storage_place_id'], ['storage_place.id'], name=op.f('fk_bag_storage_place_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bag')),
    sa.UniqueConstraint('code', name=op.f('uq_bag_code')),
    sa.UniqueConstraint('lot_id', 'number', name=op.f('uq_bag_lot_id_number')),
    sa.UniqueConstraint('storage_place_id', name=op.f('uq_bag_storage_place_id'))
    )
    op.create_index(op.f('ix_bag_entry'), 'bag', ['entry'], unique=False)
    op.create_index(op.f('ix_bag_lot_id'), 'bag', ['lot_id'], unique=False)
    op.create_table('culture_count',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('culture_id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total_cells', WHOLE, nullable=False),
    sa.Column('viable_cells', WHOLE, nullable=False),
    sa.Column('corrects_id', WHOLE, nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(corrects_id IS NULL) = (reason IS NULL)', name=op.f('ck_culture_count_corrected_why')),
    sa.CheckConstraint('total_cells > 0 AND viable_cells >= 0 AND viable_cells <= total_cells', name=op.f('ck_culture_count_viable_within_total')),
    sa.ForeignKeyConstraint(['corrects_id'], ['culture_count.id'], name=op.f('fk_culture_count_corrects_id')),
    sa.ForeignKeyConstraint(['culture_id'], ['culture.id'], name=op.f('fk_culture_count_culture_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_culture_count_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_culture_count_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_culture_count')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_culture_count_corrects_id'))
    )
    op.create_index(op.f('ix_culture_count_culture_id'), 'culture_count', ['culture_id'], unique=False)
    op.create_index(op.f('ix_culture_count_entry'), 'culture_count', ['entry'], unique=False)
    op.create_table('culture_note',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('culture_id', WHOLE, nullable=False),
    sa.Column('kind', sa.Enum('fed', 'observed', name='looked', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confluence', WHOLE, nullable=True),
    sa.Column('seen', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('confluence IS NULL OR confluence BETWEEN 0 AND 100', name=op.f('ck_culture_note_confluence_range')),
    sa.ForeignKeyConstraint(['culture_id'], ['culture.id'], name=op.f('fk_culture_note_culture_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_culture_note_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_culture_note_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_culture_note'))
    )
    op.create_index(op.f('ix_culture_note_culture_id'), 'culture_note', ['culture_id'], unique=False)
    op.create_index(op.f('ix_culture_note_entry'), 'culture_note', ['entry'], unique=False)
    op.create_table('exception_request',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('lot_id', WHOLE, nullable=False),
    sa.Column('justification', sa.String(length=500), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_exception_request_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_exception_request_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_exception_request_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_exception_request_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exception_request')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_exception_request_signature_id'))
    )
    op.create_index(op.f('ix_exception_request_entry'), 'exception_request', ['entry'], unique=False)
    op.create_index(op.f('ix_exception_request_lot_id'), 'exception_request', ['lot_id'], unique=False)
    op.create_table('label_reconciliation',
    sa.Column('lot_id', WHOLE, nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_label_reconciliation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_label_reconciliation_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_label_reconciliation_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_reconciliation')),
    sa.UniqueConstraint('code', name=op.f('uq_label_reconciliation_code'))
    )
    op.create_index(op.f('ix_label_reconciliation_entry'), 'label_reconciliation', ['entry'], unique=False)
    op.create_index(op.f('ix_label_reconciliation_lot_id'), 'label_reconciliation', ['lot_id'], unique=False)
    op.create_table('sample',
    sa.Column('taken_from', sa.String(length=20), nullable=False),
    sa.Column('lot_id', WHOLE, nullable=True),
    sa.Column('stage', sa.Enum('in process', 'drug substance', 'drug product', 'post-thaw', name='stage', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('volume_ml', QUANTITY, nullable=True),
    sa.Column('destined', sa.String(length=120), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_sample_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_sample_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_sample_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample')),
    sa.UniqueConstraint('code', name=op.f('uq_sample_code'))
    )
    op.create_index(op.f('ix_sample_entry'), 'sample', ['entry'], unique=False)
    op.create_index(op.f('ix_sample_lot_id'), 'sample', ['lot_id'], unique=False)
    op.create_index(op.f('ix_sample_taken_from'), 'sample', ['taken_from'], unique=False)
    op.create_table('trail_review',
    sa.Column('lot_id', WHOLE, nullable=True),
    sa.Column('first', WHOLE, nullable=False),
    sa.Column('last', WHOLE, nullable=False),
    sa.Column('entries', WHOLE, nullable=False),
    sa.Column('refusals', WHOLE, nullable=False),
    sa.Column('corrections', WHOLE, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('signature_id', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('entries <= last - first + 1 AND (lot_id IS NOT NULL OR entries = last - first + 1)', name=op.f('ck_trail_review_within_the_span')),
    sa.CheckConstraint('first > 0 AND last >= first AND entries > 0', name=op.f('ck_trail_review_a_span')),
    sa.CheckConstraint('length(digest) = 64', name=op.f('ck_trail_review_digest')),
    sa.CheckConstraint('refusals >= 0 AND corrections >= 0 AND refusals + corrections <= entries', name=op.f('ck_trail_review_some_of_them')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_trail_review_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_trail_review_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_trail_review_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_trail_review_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trail_review')),
    sa.UniqueConstraint('code', name=op.f('uq_trail_review_code')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_trail_review_signature_id'))
    )
    op.create_index(op.f('ix_trail_review_entry'), 'trail_review', ['entry'], unique=False)
    op.create_index('ix_trail_review_lot_id', 'trail_review', ['lot_id', 'last'], unique=False)
    op.create_table('half_check',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('bag_id', WHOLE, nullable=False),
    sa.Column('wristband_id', WHOLE, nullable=False),
    sa.Column('copy', WHOLE, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('until_at > at', name=op.f('ck_half_check_ends')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_half_check_bag_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_half_check_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_half_check_recorded_by_id')),
    sa.ForeignKeyConstraint(['wristband_id'], ['wristband.id'], name=op.f('fk_half_check_wristband_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_half_check'))
    )
    op.create_index(op.f('ix_half_check_bag_id'), 'half_check', ['bag_id'], unique=False)
    op.create_index(op.f('ix_half_check_entry'), 'half_check', ['entry'], unique=False)
    op.create_table('bedside_check',
    sa.Column('bag_id', WHOLE, nullable=False),
    sa.Column('wristband_id', WHOLE, nullable=True),
    sa.Column('second_id', WHOLE, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('told', sa.JSON(), nullable=False),
    sa.Column('first_half_id', WHOLE, nullable=True),
    sa.Column('second_half_id', WHOLE, nullable=True),
    sa.Column('token_digest', sa.String(length=64), nullable=True),
    sa.Column('token_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('token_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(verdict = 'go') = (token_digest IS NOT NULL)", name=op.f('ck_bedside_check_go_has_token')),
    sa.CheckConstraint("verdict <> 'go' OR (second_id IS NOT NULL AND wristband_id IS NOT NULL AND first_half_id IS NOT NULL AND second_half_id IS NOT NULL)", name=op.f('ck_bedside_check_go_by_two')),
    sa.CheckConstraint("verdict IN ('go', 'stop', 'cannot tell', 'already done')", name=op.f('ck_bedside_check_verdict')),
    sa.CheckConstraint('(token_digest IS NULL) = (token_until IS NULL)', name=op.f('ck_bedside_check_token_ends')),
    sa.CheckConstraint('second_id IS NULL OR second_id <> recorded_by_id', name=op.f('ck_bedside_check_two_people')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_bedside_check_bag_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_bedside_check_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_bedside_check_recorded_by_id')),
    sa.ForeignKeyConstraint(['first_half_id'], ['half_check.id'], name=op.f('fk_bedside_check_first_half_id')),
    sa.ForeignKeyConstraint(['second_half_id'], ['half_check.id'], name=op.f('fk_bedside_check_second_half_id')),
    sa.ForeignKeyConstraint(['second_id'], ['account.id'], name=op.f('fk_bedside_check_second_id')),
    sa.ForeignKeyConstraint(['wristband_id'], ['wristband.id'], name=op.f('fk_bedside_check_wristband_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bedside_check')),
    sa.UniqueConstraint('code', name=op.f('uq_bedside_check_code')),
    sa.UniqueConstraint('first_half_id', name=op.f('uq_bedside_check_first_half_id')),
    sa.UniqueConstraint('second_half_id', name=op.f('uq_bedside_check_second_half_id')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_bedside_check_token_digest'))
    )
    op.create_index(op.f('ix_bedside_check_bag_id'), 'bedside_check', ['bag_id'], unique=False)
    op.create_index(op.f('ix_bedside_check_entry'), 'bedside_check', ['entry'], unique=False)
    op.create_index(op.f('ix_bedside_check_wristband_id'), 'bedside_check', ['wristband_id'], unique=False)
    op.create_table('hold',
    sa.Column('lot_id', WHOLE, nullable=True),
    sa.Column('bag_id', WHOLE, nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifting_signature_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(lifted_at IS NULL) = (lifting_signature_id IS NULL)', name=op.f('ck_hold_lifted_signed')),
    sa.CheckConstraint('(lot_id IS NULL) <> (bag_id IS NULL)', name=op.f('ck_hold_one_thing')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_hold_bag_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_hold_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lifting_signature_id'], ['signature.id'], name=op.f('fk_hold_lifting_signature_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_hold_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_hold_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hold')),
    sa.UniqueConstraint('code', name=op.f('uq_hold_code'))
    )
    op.create_index(op.f('ix_hold_bag_id'), 'hold', ['bag_id'], unique=False)
    op.create_index(op.f('ix_hold_entry'), 'hold', ['entry'], unique=False)
    op.create_index(op.f('ix_hold_lot_id'), 'hold', ['lot_id'], unique=False)
    op.create_table('journey',
    sa.Column('bag_id', WHOLE, nullable=False),
    sa.Column('box', sa.String(length=40), nullable=False),
    sa.Column('destination', sa.String(length=80), nullable=False),
    sa.Column('given_by_id', WHOLE, nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('low_c', QUANTITY, nullable=False),
    sa.Column('high_c', QUANTITY, nullable=False),
    sa.Column('received_by_id', WHOLE, nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('condition', sa.String(length=200), nullable=True),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(received_at IS NULL) = (received_by_id IS NULL)', name=op.f('ck_journey_received_by')),
    sa.CheckConstraint('received_by_id IS NULL OR received_by_id <> given_by_id', name=op.f('ck_journey_two_sides')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_journey_bag_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_journey_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['given_by_id'], ['account.id'], name=op.f('fk_journey_given_by_id')),
    sa.ForeignKeyConstraint(['received_by_id'], ['account.id'], name=op.f('fk_journey_received_by_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_journey_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journey')),
    sa.UniqueConstraint('code', name=op.f('uq_journey_code'))
    )
    op.create_index(op.f('ix_journey_bag_id'), 'journey', ['bag_id'], unique=False)
    op.create_index(op.f('ix_journey_entry'), 'journey', ['entry'], unique=False)
    op.create_table('label_copy',
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.Enum('bag', 'donor tube', 'harvest bag', 'culture vessel', 'sample tube', 'storage place', 'staff badge', 'wristband', 'shipment box', 'packing list', 'bedside form', name='labelkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('part', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('bag_id', WHOLE, nullable=True),
    sa.Column('job_id', WHOLE, nullable=True),
    sa.Column('replaces_id', WHOLE, nullable=True),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('printed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applied_by_id', WHOLE, nullable=True),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voided_why', sa.String(length=500), nullable=True),
    sa.Column('damaged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('damaged_by_id', WHOLE, nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('destroyed_by_id', WHOLE, nullable=True),
    sa.Column('destroyed_how', sa.String(length=200), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(bag_id IS NOT NULL) = (kind = 'bag')", name=op.f('ck_label_copy_bag_of_bags')),
    sa.CheckConstraint("kind <> 'bag' OR number = 1 OR reason IS NOT NULL", name=op.f('ck_label_copy_reprint_reasoned')),
    sa.CheckConstraint('(applied_at IS NULL) = (applied_by_id IS NULL)', name=op.f('ck_label_copy_applied_by')),
    sa.CheckConstraint('(damaged_at IS NULL) = (damaged_by_id IS NULL)', name=op.f('ck_label_copy_damaged_by')),
    sa.CheckConstraint('(destroyed_at IS NULL) = (destroyed_by_id IS NULL)', name=op.f('ck_label_copy_destroyed_by')),
    sa.CheckConstraint('(destroyed_at IS NULL) = (destroyed_how IS NULL)', name=op.f('ck_label_copy_destroyed_how')),
    sa.CheckConstraint('(replaces_id IS NULL) = (reason IS NULL)', name=op.f('ck_label_copy_replaced_why')),
    sa.CheckConstraint('(voided_at IS NULL) = (voided_why IS NULL)', name=op.f('ck_label_copy_voided_why')),
    sa.CheckConstraint('applied_at IS NULL OR printed_at IS NOT NULL', name=op.f('ck_label_copy_applied_printed')),
    sa.CheckConstraint('damaged_at IS NULL OR (voided_at IS NOT NULL AND printed_at IS NOT NULL)', name=op.f('ck_label_copy_damaged_void')),
    sa.CheckConstraint('destroyed_at IS NULL OR (voided_at IS NOT NULL AND printed_at IS NOT NULL)', name=op.f('ck_label_copy_destroyed_void')),
    sa.CheckConstraint('number BETWEEN 1 AND 255', name=op.f('ck_label_copy_number_range')),
    sa.CheckConstraint('part BETWEEN 1 AND 255', name=op.f('ck_label_copy_part_range')),
    sa.ForeignKeyConstraint(['applied_by_id'], ['account.id'], name=op.f('fk_label_copy_applied_by_id')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_label_copy_bag_id')),
    sa.ForeignKeyConstraint(['damaged_by_id'], ['account.id'], name=op.f('fk_label_copy_damaged_by_id')),
    sa.ForeignKeyConstraint(['destroyed_by_id'], ['account.id'], name=op.f('fk_label_copy_destroyed_by_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_label_copy_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['job_id'], ['label_job.id'], name=op.f('fk_label_copy_job_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_label_copy_recorded_by_id')),
    sa.ForeignKeyConstraint(['replaces_id'], ['label_copy.id'], name=op.f('fk_label_copy_replaces_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_copy')),
    sa.UniqueConstraint('about', 'number', name=op.f('uq_label_copy_about_number')),
    sa.UniqueConstraint('bag_id', 'number', name=op.f('uq_label_copy_bag_id_number')),
    sa.UniqueConstraint('code', name=op.f('uq_label_copy_code')),
    sa.UniqueConstraint('replaces_id', name=op.f('uq_label_copy_replaces_id'))
    )
    op.create_index(op.f('ix_label_copy_about'), 'label_copy', ['about'], unique=False)
    op.create_index(op.f('ix_label_copy_bag_id'), 'label_copy', ['bag_id'], unique=False)
    op.create_index(op.f('ix_label_copy_entry'), 'label_copy', ['entry'], unique=False)
    op.create_index(op.f('ix_label_copy_job_id'), 'label_copy', ['job_id'], unique=False)
    op.create_index('uq_label_copy_current', 'label_copy', ['bag_id'], unique=True, sqlite_where=sa.text('voided_at IS NULL'), postgresql_where=sa.text('voided_at IS NULL'))
    op.create_index('uq_label_copy_current_part', 'label_copy', ['about', 'kind', 'part'], unique=True, sqlite_where=sa.text('voided_at IS NULL'), postgresql_where=sa.text('voided_at IS NULL'))
    op.create_table('ordered_bag',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('order_id', WHOLE, nullable=False),
    sa.Column('bag_id', WHOLE, nullable=False),
    sa.Column('cells', WHOLE, nullable=False),
    sa.Column('volume_ml', QUANTITY, nullable=False),
    sa.Column('minutes_at_least', WHOLE, nullable=True),
    sa.Column('recovery_percent', QUANTITY, nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('cells > 0 AND CAST(volume_ml AS NUMERIC) > 0', name=op.f('ck_ordered_bag_positive')),
    sa.CheckConstraint('minutes_at_least IS NULL OR minutes_at_least > 0', name=op.f('ck_ordered_bag_takes_time')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_ordered_bag_bag_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_ordered_bag_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['order_id'], ['infusion_order.id'], name=op.f('fk_ordered_bag_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ordered_bag')),
    sa.UniqueConstraint('order_id', 'bag_id', name=op.f('uq_ordered_bag_order_id_bag_id'))
    )
    op.create_index(op.f('ix_ordered_bag_bag_id'), 'ordered_bag', ['bag_id'], unique=False)
    op.create_index(op.f('ix_ordered_bag_entry'), 'ordered_bag', ['entry'], unique=False)
    op.create_index(op.f('ix_ordered_bag_order_id'), 'ordered_bag', ['order_id'], unique=False)
    op.create_table('result',
    sa.Column('sample_id', WHOLE, nullable=False),
    sa.Column('lot_id', WHOLE, nullable=True),
    sa.Column('test', sa.String(length=40), nullable=False),
    sa.Column('test_name', sa.String(length=120), nullable=False),
    sa.Column('pending', sa.Boolean(), nullable=False),
    sa.Column('value', QUANTITY, nullable=True),
    sa.Column('qualifier', sa.Enum('exact', 'below detection limit', 'above detection limit', name='qualifier', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('word', sa.String(length=80), nullable=True),
    sa.Column('unit', sa.String(length=20), nullable=True),
    sa.Column('method', sa.String(length=80), nullable=False),
    sa.Column('laboratory', sa.String(length=120), nullable=False),
    sa.Column('performed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_by_id', WHOLE, nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('corrects_id', WHOLE, nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('retest_of_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(confirmed_by_id IS NULL) = (confirmed_at IS NULL)', name=op.f('ck_result_confirmed')),
    sa.CheckConstraint('(corrects_id IS NULL) = (reason IS NULL)', name=op.f('ck_result_corrected_why')),
    sa.CheckConstraint('NOT pending OR (value IS NULL AND word IS NULL)', name=op.f('ck_result_pending_empty')),
    sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> recorded_by_id', name=op.f('ck_result_confirmed_by_another')),
    sa.CheckConstraint('pending OR ((value IS NULL) <> (word IS NULL))', name=op.f('ck_result_one_outcome')),
    sa.CheckConstraint('retest_of_id IS NULL OR corrects_id IS NULL', name=op.f('ck_result_retest_is_new')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['account.id'], name=op.f('fk_result_confirmed_by_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['result.id'], name=op.f('fk_result_corrects_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_result_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_result_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_result_recorded_by_id')),
    sa.ForeignKeyConstraint(['retest_of_id'], ['result.id'], name=op.f('fk_result_retest_of_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_result_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result')),
    sa.UniqueConstraint('code', name=op.f('uq_result_code')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_result_corrects_id')),
    sa.UniqueConstraint('retest_of_id', name=op.f('uq_result_retest_of_id'))
    )
    op.create_index(op.f('ix_result_entry'), 'result', ['entry'], unique=False)
    op.create_index(op.f('ix_result_lot_id'), 'result', ['lot_id'], unique=False)
    op.create_index(op.f('ix_result_sample_id'), 'result', ['sample_id'], unique=False)
    op.create_table('sample_move',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('sample_id', WHOLE, nullable=False),
    sa.Column('kind', sa.Enum('sent', 'received', 'used up', 'discarded', name='movekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('laboratory', sa.String(length=120), nullable=True),
    sa.Column('condition', sa.String(length=200), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(kind IN ('sent', 'received')) = (condition IS NOT NULL)", name=op.f('ck_sample_move_condition')),
    sa.CheckConstraint("(kind IN ('sent', 'received')) = (laboratory IS NOT NULL)", name=op.f('ck_sample_move_where_to')),
    sa.CheckConstraint("(kind IN ('used up', 'discarded')) = (reason IS NOT NULL)", name=op.f('ck_sample_move_ended_why')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_sample_move_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_sample_move_recorded_by_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_sample_move_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_move'))
    )
    op.create_index(op.f('ix_sample_move_entry'), 'sample_move', ['entry'], unique=False)
    op.create_index(op.f('ix_sample_move_sample_id'), 'sample_move', ['sample_id'], unique=False)
    op.create_index('uq_sample_move_end', 'sample_move', ['sample_id'], unique=True, sqlite_where=sa.text("kind IN ('used up', 'discarded')"), postgresql_where=sa.text("kind IN ('used up', 'discarded')"))
    op.create_table('decision',
    sa.Column('lot_id', WHOLE, nullable=False),
    sa.Column('standing', sa.Enum('pending', 'conditional', 'certified', 'exceptional', 'rejected', 'nonconforming', name='standing', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('signature_id', WHOLE, nullable=True),
    sa.Column('result_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("result_id IS NULL OR standing = 'nonconforming'", name=op.f('ck_decision_found_nonconforming')),
    sa.CheckConstraint("standing <> 'pending' OR reason IS NOT NULL", name=op.f('ck_decision_decided')),
    sa.CheckConstraint('(signature_id IS NULL) = (result_id IS NOT NULL)', name=op.f('ck_decision_signed_or_found')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_decision_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_decision_lot_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_decision_recorded_by_id')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_decision_result_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_decision_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('code', name=op.f('uq_decision_code')),
    sa.UniqueConstraint('signature_id', name=op.f('uq_decision_signature_id'))
    )
    op.create_index(op.f('ix_decision_entry'), 'decision', ['entry'], unique=False)
    op.create_index(op.f('ix_decision_lot_id'), 'decision', ['lot_id'], unique=False)
    op.create_index(op.f('ix_decision_result_id'), 'decision', ['result_id'], unique=False)
    op.create_table('excursion',
    sa.Column('journey_id', WHOLE, nullable=False),
    sa.Column('celsius', QUANTITY, nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('judgement', sa.String(length=500), nullable=True),
    sa.Column('signature_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(judged_at IS NULL) = (judgement IS NULL)', name=op.f('ck_excursion_judged_said')),
    sa.CheckConstraint('(judged_at IS NULL) = (signature_id IS NULL)', name=op.f('ck_excursion_judged_signed')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_excursion_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['journey_id'], ['journey.id'], name=op.f('fk_excursion_journey_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_excursion_recorded_by_id')),
    sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_excursion_signature_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_excursion')),
    sa.UniqueConstraint('code', name=op.f('uq_excursion_code'))
    )
    op.create_index(op.f('ix_excursion_entry'), 'excursion', ['entry'], unique=False)
    op.create_index(op.f('ix_excursion_journey_id'), 'excursion', ['journey_id'], unique=False)
    op.create_table('imported_row',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('import_id', WHOLE, nullable=False),
    sa.Column('line', WHOLE, nullable=False),
    sa.Column('result_id', WHOLE, nullable=True),
    sa.Column('count_id', WHOLE, nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(result_id IS NULL) <> (count_id IS NULL)', name=op.f('ck_imported_row_one_thing')),
    sa.CheckConstraint('line > 0', name=op.f('ck_imported_row_line_counts')),
    sa.ForeignKeyConstraint(['count_id'], ['culture_count.id'], name=op.f('fk_imported_row_count_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_imported_row_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['import_id'], ['instrument_import.id'], name=op.f('fk_imported_row_import_id')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_imported_row_result_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_row')),
    sa.UniqueConstraint('count_id', name=op.f('uq_imported_row_count_id')),
    sa.UniqueConstraint('result_id', name=op.f('uq_imported_row_result_id'))
    )
    op.create_index(op.f('ix_imported_row_entry'), 'imported_row', ['entry'], unique=False)
    op.create_index(op.f('ix_imported_row_import_id'), 'imported_row', ['import_id'], unique=False)
    op.create_table('infusion',
    sa.Column('bag_id', WHOLE, nullable=False),
    sa.Column('order_id', WHOLE, nullable=False),
    sa.Column('recipient_id', WHOLE, nullable=False),
    sa.Column('check_id', WHOLE, nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ending', sa.Enum('finished', 'stopped', name='ending', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('volume_given_ml', QUANTITY, nullable=True),
    sa.Column('stop_reason', sa.String(length=500), nullable=True),
    sa.Column('too_quick', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("ending IS NULL OR ending <> 'finished' OR not_before IS NULL OR ended_at >= not_before OR too_quick IS NOT NULL", name=op.f('ck_infusion_in_its_time')),
    sa.CheckConstraint('not_before IS NULL OR not_before > started_at', name=op.f('ck_infusion_takes_time')),
    sa.CheckConstraint('too_quick IS NULL OR (not_before IS NOT NULL AND ended_at IS NOT NULL AND ended_at < not_before)', name=op.f('ck_infusion_quick_only')),
    sa.CheckConstraint("ending IS NULL OR ending <> 'stopped' OR stop_reason IS NOT NULL", name=op.f('ck_infusion_stopped_why')),
    sa.CheckConstraint('(ended_at IS NULL) = (ending IS NULL)', name=op.f('ck_infusion_ended_as')),
    sa.CheckConstraint('(ended_at IS NULL) = (volume_given_ml IS NULL)', name=op.f('ck_infusion_volume_given')),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= started_at', name=op.f('ck_infusion_ends_after_start')),
    sa.ForeignKeyConstraint(['bag_id'], ['bag.id'], name=op.f('fk_infusion_bag_id')),
    sa.ForeignKeyConstraint(['check_id'], ['bedside_check.id'], name=op.f('fk_infusion_check_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_infusion_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['order_id'], ['infusion_order.id'], name=op.f('fk_infusion_order_id')),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_infusion_recipient_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_infusion_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_infusion')),
    sa.UniqueConstraint('bag_id', name=op.f('uq_infusion_bag_id')),
    sa.UniqueConstraint('check_id', name=op.f('uq_infusion_check_id')),
    sa.UniqueConstraint('code', name=op.f('uq_infusion_code'))
    )
    op.create_index(op.f('ix_infusion_entry'), 'infusion', ['entry'], unique=False)
    op.create_index(op.f('ix_infusion_order_id'), 'infusion', ['order_id'], unique=False)
    op.create_index(op.f('ix_infusion_recipient_id'), 'infusion', ['recipient_id'], unique=False)
    op.create_table('investigation',
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('result_id', WHOLE, nullable=False),
    sa.Column('observed', sa.String(length=1000), nullable=False),
    sa.Column('outcome', sa.Enum('laboratory error proven', 'confirmed out of specification', name='investigationoutcome', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('conclusion', sa.String(length=1000), nullable=True),
    sa.Column('concluded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('concluding_signature_id', WHOLE, nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('(concluded_at IS NULL) = (concluding_signature_id IS NULL)', name=op.f('ck_investigation_concluded_signed')),
    sa.CheckConstraint('(concluded_at IS NULL) = (conclusion IS NULL)', name=op.f('ck_investigation_concluded_why')),
    sa.CheckConstraint('(concluded_at IS NULL) = (outcome IS NULL)', name=op.f('ck_investigation_concluded_how')),
    sa.ForeignKeyConstraint(['concluding_signature_id'], ['signature.id'], name=op.f('fk_investigation_concluding_signature_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_investigation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_investigation_recorded_by_id')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_investigation_result_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_investigation')),
    sa.UniqueConstraint('code', name=op.f('uq_investigation_code')),
    sa.UniqueConstraint('number', name=op.f('uq_investigation_number')),
    sa.UniqueConstraint('result_id', name=op.f('uq_investigation_result_id'))
    )
    op.create_index(op.f('ix_investigation_entry'), 'investigation', ['entry'], unique=False)
    op.create_table('label_print',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('copy_id', WHOLE, nullable=False),
    sa.Column('printer_id', WHOLE, nullable=False),
    sa.Column('state', sa.Enum('waiting', 'sending', 'sent', 'failed', 'unknown', name='printstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('attempts', WHOLE, nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bytes_out', WHOLE, nullable=False),
    sa.Column('trouble', sa.String(length=300), nullable=True),
    sa.Column('zpl', sa.LargeBinary(), nullable=False),
    sa.Column('zpl_digest', sa.String(length=64), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(ended_at IS NOT NULL) = (state IN ('sent', 'failed', 'unknown'))", name=op.f('ck_label_print_ended')),
    sa.CheckConstraint("state <> 'sending' OR taken_at IS NOT NULL", name=op.f('ck_label_print_taken')),
    sa.CheckConstraint("state NOT IN ('waiting', 'failed') OR bytes_out = 0", name=op.f('ck_label_print_nothing_out')),
    sa.CheckConstraint('attempts >= 0 AND bytes_out >= 0', name=op.f('ck_label_print_counted')),
    sa.ForeignKeyConstraint(['copy_id'], ['label_copy.id'], name=op.f('fk_label_print_copy_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_label_print_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['printer_id'], ['printer.id'], name=op.f('fk_label_print_printer_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_label_print_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_print'))
    )
    op.create_index(op.f('ix_label_print_copy_id'), 'label_print', ['copy_id'], unique=False)
    op.create_index(op.f('ix_label_print_entry'), 'label_print', ['entry'], unique=False)
    op.create_index(op.f('ix_label_print_printer_id'), 'label_print', ['printer_id'], unique=False)
    op.create_index('ix_label_print_queue', 'label_print', ['state', 'not_before'], unique=False)
    op.create_index('uq_label_print_once', 'label_print', ['copy_id'], unique=True, sqlite_where=sa.text("state <> 'failed'"), postgresql_where=sa.text("state <> 'failed'"))
    op.create_table('replicate',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('result_id', WHOLE, nullable=False),
    sa.Column('value', QUANTITY, nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('CAST(value AS NUMERIC) >= 0', name=op.f('ck_replicate_amount')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_replicate_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_replicate_result_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replicate'))
    )
    op.create_index(op.f('ix_replicate_entry'), 'replicate', ['entry'], unique=False)
    op.create_index(op.f('ix_replicate_result_id'), 'replicate', ['result_id'], unique=False)
    op.create_table('temperature',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('journey_id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('celsius', QUANTITY, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('CAST(celsius AS NUMERIC) BETWEEN -273 AND 100', name=op.f('ck_temperature_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_temperature_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['journey_id'], ['journey.id'], name=op.f('fk_temperature_journey_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_temperature_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_temperature')),
    sa.UniqueConstraint('journey_id', 'at', name=op.f('uq_temperature_journey_id_at'))
    )
    op.create_index(op.f('ix_temperature_entry'), 'temperature', ['entry'], unique=False)
    op.create_index(op.f('ix_temperature_journey_id'), 'temperature', ['journey_id'], unique=False)
    op.create_table('checklist_answer',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('investigation_id', WHOLE, nullable=False),
    sa.Column('point', sa.Enum('sample', 'method', 'instrument', 'reagents', 'calculation', 'analyst', name='point', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('in_order', sa.Boolean(), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('in_order OR words IS NOT NULL', name=op.f('ck_checklist_answer_said_what')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_checklist_answer_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['investigation_id'], ['investigation.id'], name=op.f('fk_checklist_answer_investigation_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_checklist_answer_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_answer'))
    )
    op.create_index(op.f('ix_checklist_answer_entry'), 'checklist_answer', ['entry'], unique=False)
    op.create_index(op.f('ix_checklist_answer_investigation_id'), 'checklist_answer', ['investigation_id'], unique=False)
    op.create_table('observation',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('infusion_id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('temperature_c', QUANTITY, nullable=False),
    sa.Column('pulse', WHOLE, nullable=False),
    sa.Column('systolic', WHOLE, nullable=False),
    sa.Column('diastolic', WHOLE, nullable=False),
    sa.Column('saturation', WHOLE, nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('CAST(temperature_c AS NUMERIC) BETWEEN 25 AND 45', name=op.f('ck_observation_temperature')),
    sa.CheckConstraint('pulse BETWEEN 0 AND 300', name=op.f('ck_observation_pulse')),
    sa.CheckConstraint('saturation BETWEEN 0 AND 100', name=op.f('ck_observation_saturation')),
    sa.CheckConstraint('systolic BETWEEN 20 AND 300 AND diastolic BETWEEN 10 AND 250', name=op.f('ck_observation_pressure')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_observation_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['infusion_id'], ['infusion.id'], name=op.f('fk_observation_infusion_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_observation_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observation'))
    )
    op.create_index(op.f('ix_observation_entry'), 'observation', ['entry'], unique=False)
    op.create_index(op.f('ix_observation_infusion_id'), 'observation', ['infusion_id'], unique=False)
    op.create_table('reaction',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('infusion_id', WHOLE, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('term', sa.String(length=80), nullable=False),
    sa.Column('grade', WHOLE, nullable=False),
    sa.Column('done', sa.String(length=500), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('grade BETWEEN 1 AND 5', name=op.f('ck_reaction_grade_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_reaction_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['infusion_id'], ['infusion.id'], name=op.f('fk_reaction_infusion_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_reaction_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reaction'))
    )
    op.create_index(op.f('ix_reaction_entry'), 'reaction', ['entry'], unique=False)
    op.create_index(op.f('ix_reaction_infusion_id'), 'reaction', ['infusion_id'], unique=False)
    op.create_table('laboratory_value',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('visit_id', WHOLE, nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', QUANTITY, nullable=False),
    sa.Column('unit', sa.String(length=20), nullable=False),
    sa.Column('low', QUANTITY, nullable=True),
    sa.Column('high', QUANTITY, nullable=True),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('low IS NULL OR high IS NULL OR CAST(low AS NUMERIC) <= CAST(high AS NUMERIC)', name=op.f('ck_laboratory_value_range')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_laboratory_value_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_laboratory_value_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_laboratory_value')),
    sa.UniqueConstraint('visit_id', 'name', name=op.f('uq_laboratory_value_visit_id_name'))
    )
    op.create_index(op.f('ix_laboratory_value_entry'), 'laboratory_value', ['entry'], unique=False)
    op.create_index(op.f('ix_laboratory_value_visit_id'), 'laboratory_value', ['visit_id'], unique=False)
    op.create_table('event_information',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('adverse_event_id', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('grade', WHOLE, nullable=False),
    sa.Column('led_to_death', sa.Boolean(), nullable=False),
    sa.Column('threatened_life', sa.Boolean(), nullable=False),
    sa.Column('hospitalised', sa.Boolean(), nullable=False),
    sa.Column('disabled', sa.Boolean(), nullable=False),
    sa.Column('congenital', sa.Boolean(), nullable=False),
    sa.Column('medically_important', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.Enum('ongoing', 'recovered', 'recovered with sequelae', 'fatal', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('action', sa.Enum('none', 'infusion slowed', 'infusion interrupted and resumed', 'infusion stopped', 'further cells withheld', 'not applicable: nothing was running', name='action', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('treatment', sa.String(length=500), nullable=True),
    sa.Column('narrative', sa.String(length=2000), nullable=True),
    sa.Column('what_is_new', sa.String(length=500), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint("(grade = 5) = led_to_death AND led_to_death = (outcome = 'fatal')", name=op.f('ck_event_information_death_throughout')),
    sa.CheckConstraint("ended_at IS NULL OR outcome <> 'ongoing'", name=op.f('ck_event_information_ongoing_has_no_end')),
    sa.CheckConstraint('(number = 1) = (what_is_new IS NULL)', name=op.f('ck_event_information_follow_up_says_what')),
    sa.CheckConstraint('grade BETWEEN 1 AND 5', name=op.f('ck_event_information_grade_range')),
    sa.ForeignKeyConstraint(['adverse_event_id'], ['adverse_event.id'], name=op.f('fk_event_information_adverse_event_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_event_information_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_event_information_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_information')),
    sa.UniqueConstraint('adverse_event_id', 'number', name=op.f('uq_event_information_adverse_event_id_number'))
    )
    op.create_index(op.f('ix_event_information_adverse_event_id'), 'event_information', ['adverse_event_id'], unique=False)
    op.create_index(op.f('ix_event_information_entry'), 'event_information', ['entry'], unique=False)
    op.create_table('expedited_report',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('adverse_event_id', WHOLE, nullable=False),
    sa.Column('information_id', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_to', sa.String(length=120), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['adverse_event_id'], ['adverse_event.id'], name=op.f('fk_expedited_report_adverse_event_id')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_expedited_report_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['information_id'], ['event_information.id'], name=op.f('fk_expedited_report_information_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_expedited_report_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expedited_report')),
    sa.UniqueConstraint('adverse_event_id', 'number', name=op.f('uq_expedited_report_adverse_event_id_number'))
    )
    op.create_index(op.f('ix_expedited_report_adverse_event_id'), 'expedited_report', ['adverse_event_id'], unique=False)
    op.create_index(op.f('ix_expedited_report_entry'), 'expedited_report', ['entry'], unique=False)
    op.create_table('study_export',
    sa.Column('protocol', sa.String(length=60), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', WHOLE, nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('recorded_by_id', WHOLE, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('entry', WHOLE, nullable=False),
    sa.CheckConstraint('length(sha256) = 64', name=op.f('ck_study_export_digest')),
    sa.ForeignKeyConstraint(['entry'], ['audit_entry.sequence'], name=op.f('fk_study_export_entry'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['account.id'], name=op.f('fk_study_export_recorded_by_id')),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_study_export_sha256')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_study_export')),
    sa.UniqueConstraint('code', name=op.f('uq_study_export_code'))
    )
    op.create_index(op.f('ix_study_export_entry'), 'study_export', ['entry'], unique=False)


def downgrade() -> None:
    raise RuntimeError("the record is not taken apart: restore a backup instead")
