// What a statement says, as pairs of a label and words. Everything comes out of the receipt; labels come with the page.
(function (glasshouse) {
  'use strict';

  /** Members that are shown elsewhere, or by their own rows. */
  const ELSEWHERE = new Set(['type', 'vocabulary', 'sequence', 'addenda', 'withheld']);
  /** Sets whose codes the browser itself can name. */
  const PLACES = new Set(['country', 'territory', 'jurisdiction']);
  /** Characters that are shown of a log's key: all of one of Ed25519, and what tells one of ML-DSA-44 from others. */
  const MAX_VKEY = 120;
  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  /** Codes and instants inside fields that are maps: member -> code set, or `instant`. */
  const INSIDE = {
    legal_basis: { kind: 'legal_basis_kind', jurisdiction: 'jurisdiction' },
    order: { authority_kind: 'authority_kind', country: 'country', issued: 'instant', received: 'instant', deadline: 'instant' },
    relates_to: { relation: 'relation' },
    attribution: { kind: 'attribution_kind' },
    evidence: { fetched_at: 'instant' },
  };

  /** Says things in one language. */
  class Speaker {
    /** @param {'en' | 'fr'} language @param {object} labels {codes: {en, fr}, names: {type, field}}; what is missing is shown as its code */
    constructor(language, labels) {
      this.language = language;
      this.labels = labels;
      this.texts = glasshouse.pageTexts[language];
      const locale = language === 'en' ? 'en-GB' : 'fr-FR';
      this.days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
      this.times = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });
      this.numbers = new Intl.NumberFormat(locale);
      this.regions = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' });
      this.tongues = new Intl.DisplayNames([locale], { type: 'language', fallback: 'code' });
    }

    /** The name of a field or a text. */
    field(name) {
      return this.labels.names?.field?.[name]?.[this.language] ?? this.texts.fields[name] ?? name;
    }

    type(name) {
      return this.labels.names?.type?.[name]?.[this.language] ?? name;
    }

    code(set, code) {
      if (PLACES.has(set)) return this.texts.places[code] ?? this.regions.of(code);
      if (set === 'language') return this.tongues.of(code.toLowerCase());
      return this.labels.codes?.[this.language]?.[set]?.[code] ?? code;
    }

    day(text) {
      return DAY.test(text) ? this.days.format(new Date(`${text}T00:00:00Z`)) : text;
    }

    /** Seconds since 1970. Beyond what calendars of browsers reach, the number itself. */
    instant(seconds) {
      const date = new Date(Number(seconds) * 1000);
      return Number.isNaN(date.getTime()) ? String(seconds) : `${this.times.format(date)} UTC`;
    }

    number(value) {
      return this.numbers.format(value);
    }

    /** A value of a field of the payload. @returns {string[]} a line each */
    lines(field, value) {
      const { form, codes } = glasshouse.tables.fields[field] ?? {};
      if (form === 'code') return [this.code(codes, value)];
      if (form === 'codes') return value.map((code) => this.code(codes, code));
      if (form === 'day') return [this.day(value)];
      if (form === 'instant') return [this.instant(value)];
      if (form === 'text_names' || form === 'field_names') return value.map((name) => this.field(name));
      if (form === 'vkeys') return value.map((vkey) => (vkey.length > MAX_VKEY ? `${vkey.slice(0, MAX_VKEY)}…` : vkey));
      return this.anything(field, value);
    }

    anything(field, value) {
      if (value instanceof Map) return [this.members(field, value)];
      if (Array.isArray(value)) return value.flatMap((item) => this.anything(field, item));
      if (value instanceof Uint8Array) return [this.bytes(value)];
      if (typeof value === 'number' || typeof value === 'bigint') return [this.number(value)];
      return [String(value)];
    }

    bytes(value) {
      const hex = glasshouse.bytes.toHex(value.subarray(0, 64));
      return value.length > 64 ? `${hex}… (${this.texts.byteCount(this.number(value.length))})` : hex;
    }

    members(field, map) {
      return [...map].map(([member, value]) => {
        const set = INSIDE[field]?.[member];
        const label = this.texts.members[member] ?? member;
        if (set === 'instant') return `${label}: ${this.instant(value)}`;
        if (set !== undefined) return `${label}: ${this.code(set, value)}`;
        return `${label}: ${this.anything(member, value).join('; ')}`;
      }).join('; ');
    }
  }

  /** The fields of a payload as rows. @param {Map} payload @param {Speaker} speaker @returns {{label: string, lines: string[]}[]} */
  function fieldRows(payload, speaker) {
    const rows = [];
    for (const [field, value] of payload) {
      if (ELSEWHERE.has(field)) continue;
      if (field === 'legal_basis') rows.push(...legalBasisRows(value, speaker));
      else rows.push({ label: speaker.field(field), lines: speaker.lines(field, value) });
    }
    return rows;
  }

  /** The legal basis in rows of its own: it is what people look for. */
  function legalBasisRows(basis, speaker) {
    const rows = [{ label: speaker.field('legal_basis'), lines: [speaker.code('legal_basis_kind', basis.get('kind'))] }];
    if (basis.has('jurisdiction')) rows.push({ label: speaker.texts.members.jurisdiction, lines: [speaker.code('jurisdiction', basis.get('jurisdiction'))] });
    if (basis.has('statute_id')) rows.push({ label: speaker.texts.members.statute_id, lines: [basis.get('statute_id')] });
    for (const [member, value] of basis.get('order') ?? []) {
      const set = INSIDE.order[member];
      rows.push({ label: speaker.texts.order[member] ?? member, lines: [set === 'instant' ? speaker.instant(value) : speaker.code(set, value)] });
    }
    return rows;
  }

  /**
   * The texts of a payload: what the receipt shows, what is withheld, what is missing.
   * @returns {{field: string, label: string, lines: string[] | null, withheld: {ground: string, until: string | null} | null}[]}
   */
  function textRows(payload, addenda, speaker) {
    const withheld = payload.get('withheld') ?? new Map();
    return [...payload.get('addenda').keys()].map((field) => {
      const shown = addenda.find((addendum) => addendum.field === field);
      const held = withheld.get(field);
      return {
        field,
        label: speaker.field(field),
        lines: shown ? speaker.anything(field, shown.value) : null,
        withheld: held ? { ground: speaker.code('withheld_ground', held.get('ground')), until: held.has('until') ? speaker.day(held.get('until')) : null } : null,
      };
    });
  }

  glasshouse.plainWords = { Speaker, fieldRows, textRows };
})(globalThis.glasshouse ??= {});
