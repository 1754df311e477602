// The page /verify: takes a file, has it checked, and shows what came of it. It asks nobody for anything.
(function (glasshouse) {
  'use strict';

  const byId = (id) => document.getElementById(id);

  /** What the server puts into the page. Without it (a page of another origin) the reader brings a policy. */
  function dataOfPage() {
    try {
      return JSON.parse(byId('page-data').textContent);
    } catch {
      return {};
    }
  }

  /** One reader's visit. */
  class Page {
    /** @param {{policy?: string, receipt_keys?: string, labels?: object}} data */
    constructor(data) {
      this.data = data;
      this.language = Object.hasOwn(glasshouse.pageTexts, document.documentElement.lang) ? document.documentElement.lang : 'en';
      this.trust = null;
      this.ownTrust = false;
      this.material = null;
      this.outcome = null;
      this.comparison = null;
      this.policyTold = () => '';
      /** Whether the policy that came with the page is one that this page does not understand. */
      this.pageWrong = false;
      /** Which check is the newest: an older one that ends later is not shown. */
      this.run = 0;
    }

    get texts() {
      return glasshouse.pageTexts[this.language];
    }

    get view() {
      return { texts: this.texts, trust: this.trust, ownTrust: this.ownTrust, speaker: new glasshouse.plainWords.Speaker(this.language, this.data.labels ?? {}) };
    }

    async start() {
      // Browsers calculate digests only on pages of https, of this very device, or of a disk.
      const able = globalThis.crypto?.subtle !== undefined;
      byId('no-crypto').hidden = able;
      byId('drop').hidden = !able;
      byId('result').hidden = true; // a page that was saved with a result has none of its own
      if (able) {
        await this.usePagePolicy();
        this.listen();
      }
      this.speak();
      byId('trust').hidden = !able;
      byId('page').hidden = false;
    }

    /** Whom to trust and whose word that is change together: a check that ends meanwhile says what it was made under. */
    async usePagePolicy() {
      const trust = this.data.policy ? await glasshouse.trust.parse(this.data.policy).catch((refusal) => this.refusePagePolicy(refusal)) : null;
      if (trust && this.data.receipt_keys) trust.receiptKeys = glasshouse.bytes.fromBase64(this.data.receipt_keys);
      [this.trust, this.ownTrust] = [trust, false];
    }

    /** A page that came with a policy which it does not understand has none. */
    refusePagePolicy(refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      this.pageWrong = true;
      return null;
    }

    /** Says everything in the language of now. */
    speak() {
      document.documentElement.lang = this.language;
      document.title = `${this.texts.title} – Glasshouse`;
      for (const spoken of document.querySelectorAll('[data-text]')) {
        spoken.textContent = spoken.dataset.text.split('.').reduce((texts, name) => texts[name], this.texts);
      }
      // A copy on a disk has no front page to lead to.
      if (globalThis.location.protocol === 'file:') byId('home').removeAttribute('href');
      else byId('home').href = this.language === 'fr' ? '/fr' : '/';
      this.showLanguages();
      this.showTrust();
      if (this.outcome) this.showOutcome();
    }

    showLanguages() {
      const names = { en: 'English', fr: 'Français' };
      byId('languages').setAttribute('aria-label', this.texts.language);
      const hadFocus = byId('languages').contains(document.activeElement);
      byId('languages').replaceChildren(...Object.entries(names).map(([language, name]) => {
        const button = glasshouse.dom.element('button', { type: 'button', lang: language, 'aria-pressed': String(language === this.language) }, name);
        button.addEventListener('click', () => { this.language = language; this.speak(); });
        return button;
      }));
      if (hadFocus) byId('languages').querySelector(`[lang=${this.language}]`).focus();
    }

    showTrust() {
      const { trust } = this.texts;
      const logs = this.trust ? glasshouse.trust.logsOf(this.trust.policy) : [];
      byId('trusted').textContent = !this.trust ? (this.pageWrong ? trust.pageWrong : trust.none) : this.ownTrust ? trust.own(logs) : trust.page(logs);
      byId('trusted-note').textContent = this.trust ? this.witnessNote(this.trust.policy) : '';
      byId('page-policy').hidden = !(this.ownTrust && this.data.policy && !this.pageWrong);
      byId('policy-told').textContent = this.policyTold();
      if (!this.trust) byId('trust-details').open = true;
    }

    witnessNote({ witnesses, quorum }) {
      const { trust } = this.texts;
      if (witnesses.size === 0) return trust.noWitness;
      return trust.witnesses([...witnesses.keys()]) + (quorum === 'none' ? ` ${trust.notAsked}` : '');
    }

    /** Takes the reader's own policy, and checks what is there under it. */
    async usePolicy(text) {
      try {
        this.trust = await glasshouse.trust.parse(text);
        this.ownTrust = true;
        this.policyTold = () => this.texts.trust.taken;
      } catch (refusal) {
        if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
        this.refusePolicy(refusal.reason, refusal.line);
        return;
      }
      this.showTrust();
      await this.checkAgain();
    }

    /** Says what is wrong with a policy; the one before stays in use. */
    refusePolicy(reason, line) {
      this.policyTold = () => (this.texts.trust.wrong[reason] ?? this.texts.trust.wrong.line)(line);
      this.showTrust();
    }

    /** Checks what was brought last, under the policy of now. A policy that was shown as one has done its part. */
    async checkAgain() {
      if (this.material) return this.check(this.material);
      this.begin();
      byId('status').textContent = '';
    }

    /** Takes back what is shown: it is of another file, or under another policy. Older checks are not shown when they end. */
    begin() {
      this.run += 1;
      this.outcome = null;
      this.comparison = null;
      byId('result').hidden = true;
      byId('drop').removeAttribute('aria-busy');
      byId('status').textContent = this.texts.working;
    }

    /** Checks a piece of material, and shows each step of a receipt as it holds. */
    async check(material, more = {}) {
      this.begin();
      const { run } = this;
      // A policy is offered and not kept: what it will be used on is the file before it.
      if (material.kind === 'policy') this.offerPolicy(material.text);
      else this.material = material;
      byId('drop').setAttribute('aria-busy', 'true');
      const held = [];
      const outcome = this.trust
        ? await glasshouse.inspection.inspect(material, this.trust, (step) => { held.push(step); this.showProgress(run, material, held); }, more)
        : glasshouse.inspection.withoutTrust(material);
      if (run === this.run) this.finish(outcome);
    }

    /** Shows how a check ended, and leads there. */
    finish(outcome) {
      this.outcome = outcome;
      byId('drop').removeAttribute('aria-busy');
      this.showOutcome();
      byId('status').textContent = `${byId('heading').textContent} ${byId('summary').textContent}`;
      byId('heading').focus({ preventScroll: true });
      byId('result').scrollIntoView({ block: 'start' });
    }

    offerPolicy(text) {
      byId('policy').value = text;
      byId('trust-details').open = true;
    }

    /** The steps while they are judged. */
    showProgress(run, material, held) {
      if (run !== this.run || material.kind !== 'receipt') return;
      byId('result').hidden = false;
      byId('verdict').className = 'verdict working';
      byId('kicker').textContent = this.texts.kinds.receipt;
      byId('heading').textContent = this.texts.working;
      byId('summary').replaceChildren();
      byId('notice').hidden = true;
      byId('says').replaceChildren();
      byId('details').replaceChildren(glasshouse.resultView.stepsOf({ held }, this.view));
    }

    showOutcome() {
      const { outcome, view } = this;
      const summary = glasshouse.resultView.summaryOf(outcome, view);
      byId('result').hidden = false;
      byId('verdict').className = `verdict ${outcome.verdict}`;
      byId('kicker').textContent = this.texts.kinds[outcome.kind];
      byId('heading').textContent = glasshouse.resultView.headingOf(outcome, view);
      byId('summary').replaceChildren(...summary.map((part) => glasshouse.dom.element('p', {}, part)));
      byId('leaf-form').hidden = !(outcome.kind === 'proof' && (outcome.verdict === 'holds' || outcome.asked));
      byId('notice').hidden = !outcome.proved?.enrolment; // the registrar sends no notices
      byId('comparison').replaceChildren(...(this.comparison ? glasshouse.noticeView.show(this.comparison, view) : []));
      byId('says').replaceChildren(...glasshouse.resultView.contentOf(outcome, view));
      byId('details').replaceChildren(...glasshouse.resultView.detailsOf(outcome, view));
    }

    compareNotice() {
      const { proved, sealed } = this.outcome;
      const statements = [{ payload: proved.statement.payload, addenda: proved.addenda }];
      if (sealed) statements.push({ payload: sealed.payload, addenda: sealed.texts });
      this.comparison = glasshouse.notice.compare(byId('pasted-notice').value, statements);
      byId('comparison').replaceChildren(...glasshouse.noticeView.show(this.comparison, this.view));
    }

    async checkLeaf() {
      const leaf = glasshouse.bytes.fromHex(byId('leaf').value.trim().toLowerCase());
      const right = leaf?.length === 32;
      byId('leaf-wrong').textContent = right ? '' : this.texts.leafWrong;
      if (right) await this.check(this.material, { leaf });
    }

    /** A file is read only up to the largest size that anything here has. @param {File} file */
    async checkFile(file) {
      if (file.size > glasshouse.material.MAX_FILE) return this.check({ kind: 'too-large' });
      this.begin();
      const { run } = this;
      const bytes = await file.arrayBuffer().catch(() => null); // a folder, or a file that went away
      if (run !== this.run) return undefined; // something else was brought meanwhile
      return this.check(bytes === null ? { kind: 'unreadable' } : glasshouse.material.identify(new Uint8Array(bytes)));
    }

    async takePolicyFile(file) {
      if (file.size > glasshouse.policy.MAX_POLICY) return this.refusePolicy('too-large');
      const text = await file.text().catch(() => null);
      if (text === null) return this.refusePolicy('unreadable');
      this.offerPolicy(text);
      return this.usePolicy(text);
    }

    listen() {
      const onFile = (id, take) => byId(id).addEventListener('change', (event) => {
        const [file] = event.target.files;
        if (file) take(file);
        event.target.value = ''; // so that the same file can be chosen again
      });
      onFile('file', (file) => this.checkFile(file));
      onFile('policy-file', (file) => this.takePolicyFile(file));
      byId('check-pasted').addEventListener('click', () => this.check(glasshouse.material.identifyPasted(byId('pasted').value)));
      byId('use-policy').addEventListener('click', () => this.usePolicy(byId('policy').value));
      byId('page-policy').addEventListener('click', () => this.goBack());
      byId('compare').addEventListener('click', () => this.compareNotice());
      byId('leaf-form').addEventListener('submit', (event) => { event.preventDefault(); this.checkLeaf(); });
      this.listenForDrops();
    }

    async goBack() {
      await this.usePagePolicy();
      this.policyTold = () => '';
      this.showTrust();
      await this.checkAgain();
    }

    /** A file may be dropped anywhere; over the part about trust it is a policy. */
    listenForDrops() {
      const overTrust = (event) => event.target instanceof Element && event.target.closest('#trust') !== null;
      document.addEventListener('dragover', (event) => {
        event.preventDefault();
        byId('drop').classList.toggle('over', !overTrust(event));
      });
      document.addEventListener('dragleave', () => byId('drop').classList.remove('over'));
      document.addEventListener('drop', (event) => {
        event.preventDefault();
        byId('drop').classList.remove('over');
        const [file] = event.dataTransfer?.files ?? [];
        if (file) (overTrust(event) ? this.takePolicyFile(file) : this.checkFile(file));
      });
    }
  }

  glasshouse.Page = Page;
  if (globalThis.document?.getElementById('page')) new Page(dataOfPage()).start();
})(globalThis.glasshouse ??= {});
