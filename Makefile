# make demo   recognise the emotion in an example recording, with the light package alone
# make test   all checks and tests, in an environment of their own
# make help   the rest
PYTHON ?= python3
LIGHT := .venv-light
FULL := .venv
RESULTS := benchmarks/results
RAVDESS_RESULT := $(RESULTS)/ravdess-luna5/small.json
STRANGERS_RESULT := $(RESULTS)/cross-common4/cnn-strangers.json
PROTOCOLS := ravdess-luna5 ravdess-emobox6 ravdess-loso ravdess-song ravdess-speech-to-song ravdess-song-to-speech \
  crema-d-5fold emodb-loso cross-common4
LINES := telephone,mu-law,white-20

.PHONY: help demo test check bench-audit bench-invariance bench-speed bench-calls bench-accuracy bench-small bench-base bench-article bench-ablation bench-strangers bench-discriminants bench-sounds bench-no-speech bench-explore typical pretrained bundle docs figures clean

help:
	@grep '^# make' Makefile | cut -c3-
# make check           ruff, mypy, import-linter
# make docs            the documentation, in site/
# make figures         figures and pictures of README and docs, from the result files (docs/figures)
# make bench-speed     times of a clip, of other software and of hours -> benchmarks/results/speed.json, long.json
# make bench-calls     emotions over time, on calls made of clips     -> benchmarks/results/calls-EXPERIMENT.json
# make bench-invariance  answers that an offset, hum or silence changes -> benchmarks/results/invariance.json
# make bench-audit     twins found among real recordings, and time    -> benchmarks/results/audit.json
# make bench-accuracy  cnn under every protocol, hours                -> benchmarks/results/PROTOCOL/
# make bench-small     small on RAVDESS, hours                        -> benchmarks/results/ravdess-*/small*
# make bench-base      base on corpora it was not trained on, an hour -> benchmarks/results/PROTOCOL/base*
# make bench-article   the article's table, fewer epochs, hours       -> benchmarks/results/article/
# make bench-ablation  one change at a time on RAVDESS, hours         -> benchmarks/results/ablation/next.json
# make bench-strangers one change at a time across corpora, hours     -> benchmarks/results/ablation/strangers.json
# make bench-sounds    sounds that get no emotion, and speech that gets none -> benchmarks/results/sounds.json
# make bench-discriminants  one change at a time to base's output layer -> benchmarks/results/discriminants.json
# make bench-no-speech  what base takes for no speech                 -> benchmarks/results/no-speech.json
# make bench-explore   observations on RAVDESS, with their pictures   -> benchmarks/results/explore/
# make typical         typical measures of each emotion               -> src/voxaffect/exploring/typical.json
# make pretrained      the weights that small begins with, an hour    -> src/voxaffect/pretrained/
# make bundle          the models in the package, on all speakers     -> src/voxaffect/bundles/
# make clean           remove environments and caches

demo: $(LIGHT)/ready
	@$(LIGHT)/bin/voxaffect recognize examples/synthetic-voice.flac
	@echo
	@echo "The recording is synthetic (espeak-ng), no human voice. Yours: $(LIGHT)/bin/voxaffect recognize FILE"

test: check
	OMP_NUM_THREADS=1 $(FULL)/bin/python -m pytest --numprocesses 2 --dist worksteal

check: $(FULL)/ready
	$(FULL)/bin/ruff check .
	$(FULL)/bin/ruff format --check .
	$(FULL)/bin/mypy
	$(FULL)/bin/lint-imports --no-logo

# The libraries to compare with go into a folder of their own: nothing else needs them. WHISPER names a Whisper encoder.
bench-speed: $(FULL)/ready
	$(FULL)/bin/pip install --quiet --constraint constraints.txt --target .peers opensmile transformers
	PYTHONPATH=.peers $(FULL)/bin/python benchmarks/speed.py $(if $(WHISPER),--whisper $(WHISPER))
	$(FULL)/bin/python benchmarks/long.py

bench-calls: $(FULL)/ready
	$(FULL)/bin/python benchmarks/calls.py cnn-strangers
	$(FULL)/bin/python benchmarks/calls.py base

bench-invariance: $(FULL)/ready
	$(FULL)/bin/python benchmarks/invariance.py

bench-audit: $(FULL)/ready
	$(FULL)/bin/python benchmarks/audit.py

bench-accuracy: $(FULL)/ready
	for protocol in $(PROTOCOLS); do \
	  $(FULL)/bin/voxaffect benchmark $$protocol --experiment cnn --resume --results $(RESULTS) --conditions $(LINES) || exit 1; \
	done
	$(FULL)/bin/voxaffect benchmark crema-d-5fold --experiment cnn-long --resume --results $(RESULTS)
	$(FULL)/bin/voxaffect benchmark ravdess-luna5 --experiment cnn --resume --results $(RESULTS) --conditions all
	$(FULL)/bin/voxaffect benchmark cross-common4 --experiment cnn-strangers --resume --results $(RESULTS) --conditions all --baseline-curve
	$(FULL)/bin/voxaffect benchmark cross-common4 --experiment cnn-strangers --set name=cnn-strangers-plain \
	  --set training.baseline_head=false --resume --results $(RESULTS) --conditions $(LINES)

bench-small: $(FULL)/ready
	$(FULL)/bin/voxaffect benchmark ravdess-luna5 --experiment small --resume --results $(RESULTS) --seeds 0,1,2 --nonspeech --conditions $(LINES)
	$(FULL)/bin/voxaffect benchmark ravdess-loso --experiment small --resume --results $(RESULTS)
	$(FULL)/bin/voxaffect benchmark ravdess-emobox6 --experiment small --resume --results $(RESULTS)

bench-base: $(FULL)/ready
	$(FULL)/bin/voxaffect benchmark strangers4 --experiment base --resume --results $(RESULTS) --threads 1 \
	  --conditions telephone+mu-law --baseline-curve
	$(FULL)/bin/voxaffect evaluate common4 --corpus nemo,emotiontts,emovo,emotale --baseline-curve \
	  --conditions telephone+mu-law --json > $(RESULTS)/unseen/common4.json
	for protocol in cross-common4 ravdess-luna5 crema-d-5fold emodb-loso; do \
	  $(FULL)/bin/voxaffect benchmark $$protocol --experiment base --resume --results $(RESULTS) --threads 1 || exit 1; \
	done

bench-article: $(FULL)/ready
	$(FULL)/bin/voxaffect reproduce --resume --results $(RESULTS)/article --epochs 150 ancestor-all ancestor men-5 women-5 men-2 men-3 men-5-noise \
	  men-5-noise-shift best
	$(FULL)/bin/voxaffect reproduce --resume --results $(RESULTS)/article --epochs 60 men-5-gain men-5-pitch men-5-shift men-2-noise-shift \
	  men-2-pitch-noise men-2-noise-shift-positive men-2-pitch-noise-positive

bench-ablation: $(FULL)/ready
	$(FULL)/bin/python benchmarks/ablation.py next

bench-strangers: $(FULL)/ready
	$(FULL)/bin/python benchmarks/ablation.py strangers

bench-discriminants: $(FULL)/ready
	$(FULL)/bin/python benchmarks/discriminants.py

bench-sounds: $(FULL)/ready
	$(FULL)/bin/python benchmarks/sounds.py
bench-no-speech: $(FULL)/ready
	$(FULL)/bin/python benchmarks/no_speech.py

bench-explore: $(FULL)/ready
	$(FULL)/bin/python benchmarks/observations.py
	PYTHONPATH=docs $(FULL)/bin/python -m figures.observations_pictures

typical: $(FULL)/ready
	$(FULL)/bin/python benchmarks/typical_measures.py

pretrained: $(FULL)/ready
	for seed in 0 1; do \
	  $(FULL)/bin/voxaffect train --corpus crema-d --corpus emodb --style speech --experiment small-start \
	    --set training.seed=$$seed --all-speakers --resume --runs runs/small-start-$$seed \
	    --out runs/small-start-$$seed-bundle --save-pretrained src/voxaffect/pretrained/small-$$seed || exit 1; \
	done

bundle: $(FULL)/ready
	$(FULL)/bin/voxaffect train --corpus ravdess --corpus crema-d --corpus emodb --corpus nemo --corpus emotiontts --style speech \
	  --experiment base --all-speakers --resume --scores-from $(RESULTS)/strangers4/base.json --runs runs/base \
	  --out src/voxaffect/bundles/base
	$(FULL)/bin/voxaffect train --corpus crema-d --corpus emodb --style speech \
	  --experiment base --all-speakers --resume --scores-from $(RESULTS)/cross-common4/base.json --runs runs/base-commercial \
	  --out src/voxaffect/bundles/base-commercial
	$(FULL)/bin/voxaffect train --corpus ravdess --style speech --experiment small --all-speakers --resume \
	  --scores-from $(RAVDESS_RESULT) --runs runs/ravdess-small --out src/voxaffect/bundles/ravdess-small
	$(FULL)/bin/voxaffect train --corpus ravdess --corpus crema-d --corpus emodb --style speech \
	  --experiment cnn-strangers --all-speakers --resume --scores-from $(STRANGERS_RESULT) --runs runs/common4 \
	  --out src/voxaffect/bundles/common4
	$(FULL)/bin/voxaffect train --corpus crema-d --corpus emodb --style speech \
	  --experiment cnn-strangers --all-speakers --resume --scores-from $(STRANGERS_RESULT) \
	  --runs runs/common4-commercial --out src/voxaffect/bundles/common4-commercial

figures: $(FULL)/ready
	PYTHONPATH=docs $(FULL)/bin/python -m figures
	PYTHONPATH=docs $(FULL)/bin/python -m figures.augmentations

docs: $(FULL)/ready
	$(FULL)/bin/zensical build --clean --strict

clean:
	rm -rf $(LIGHT) $(FULL) .peers site runs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Installed once, and again when what is needed changes; the package itself is always the one in src/.
$(LIGHT)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(LIGHT)
	$(LIGHT)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(FULL)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(FULL)
	$(FULL)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,explore,test,docs]'
	@touch $@
