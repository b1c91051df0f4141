/*
 * The table of targets.  The lists of plug-ins are expanded here as they are
 * elsewhere: what is added to one is fuzzed.
 */
#include "coordinator/matcher/feed.h"
#include "coordinator/webhook.h"
#include "common/version.h"
#include "tests/fuzz/targets.h"
#include "worker/analyzer/analyzer.h"
#include "worker/analyzer/layer.h"

#define ANALYZER(x) extern const struct analyzer analyzer_##x;
#include "worker/analyzer/analyzer_list.h"
#undef ANALYZER

static const struct fuzz_target targets[] = {
#define ANALYZER(x) { "analyzer-" #x, run_analyzer, seeds_analyzer, NULL, \
	&analyzer_##x },
#include "worker/analyzer/analyzer_list.h"
#undef ANALYZER
#define VERSION_SCHEME(x) { "version-" #x, run_version, seeds_version, NULL, \
	&version_##x },
#include "common/version_list.h"
#undef VERSION_SCHEME
#define FEED(x) { "feed-" #x, run_feed, seeds_feed, NULL, &feed_##x },
#include "coordinator/matcher/feed_list.h"
#undef FEED
#define WEBHOOK(x) { "webhook-" #x, run_webhook, seeds_webhook, NULL, \
	&webhook_##x },
#include "coordinator/webhook_list.h"
#undef WEBHOOK
	{ "rpm-sums", run_analyzer, seeds_analyzer, mend_rpm, &analyzer_rpm },
	{ "inflate", run_inflate, NULL, NULL, NULL },
	{ "inflate-one", run_inflate_one, seeds_inflate_one, NULL, NULL },
	{ "layer", run_layer, seeds_layer, mend_tar, NULL },
	{ "zip", run_zip, NULL, NULL, NULL },
	{ "image", run_image, seeds_image, mend_tar, NULL },
	{ "inventory", run_inventory, seeds_inventory, NULL, NULL },
	{ "tree", run_tree, seeds_tree, NULL, NULL },
	{ "apply", run_apply, seeds_apply, NULL, NULL },
	{ "json", run_json, seeds_json, NULL, NULL },
	{ "manifest", run_manifest, seeds_manifest, NULL, NULL },
	{ "config", run_config, seeds_config, NULL, NULL },
	{ "ref", run_ref, seeds_ref, NULL, NULL },
	{ "path", run_path, seeds_path, NULL, NULL },
	{ "text", run_text, NULL, NULL, NULL },
	{ "cvss", run_cvss, seeds_cvss, NULL, NULL },
	{ "deb822", run_deb822, seeds_deb822, NULL, NULL },
	{ "catalog", run_catalog, seeds_catalog, NULL, NULL },
	{ "tags", run_tags, seeds_tags, NULL, NULL },
	{ "token", run_token, seeds_token, NULL, NULL },
	{ "challenge", run_challenge, seeds_challenge, NULL, NULL },
	{ "next-page", run_next_page, seeds_next_page, NULL, NULL },
	{ "wire", run_wire, seeds_wire, NULL, NULL },
	{ "wire-document", run_wire_document, seeds_wire_document, NULL, NULL },
	{ "frames", run_frames, seeds_frames, NULL, NULL },
	{ "advisory", run_advisory, seeds_advisory, NULL, NULL },
	{ "match", run_match, seeds_match, NULL, NULL },
	{ "export", run_export, seeds_export, mend_tar, NULL },
	{ "minisign", run_minisign, seeds_minisign, NULL, NULL },
};

const struct fuzz_target *
fuzz_target_at(size_t i)
{
	return (i < sizeof(targets) / sizeof(targets[0]) ? &targets[i] : NULL);
}

const struct fuzz_target *
fuzz_target_find(const char *name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(targets[i].name, name) == 0)
			return (&targets[i]);
	return (NULL);
}

void
fuzz_warm_up(void)
{
	layer_warm_up();
}
