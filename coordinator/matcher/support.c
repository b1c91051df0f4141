/* Days of the vendors' own calendars, as they stood in November 2026; see support.h.
 * A release that is not here is not known to have ended. */
#include "coordinator/matcher/support.h"

static const struct {
	const char *namespace, *last_day;
} ends[] = {
	{ "Debian:6", "2016-02-29" }, { "Debian:7", "2018-05-31" },
	{ "Debian:8", "2020-06-30" }, { "Debian:9", "2022-06-30" },
	{ "Debian:10", "2024-06-30" }, { "Debian:11", "2026-08-31" },
	{ "Debian:12", "2028-06-30" }, { "Debian:13", "2030-06-30" },
	{ "Ubuntu:12.04:LTS", "2019-04-30" }, { "Ubuntu:14.04:LTS", "2029-04-30" },
	{ "Ubuntu:16.04:LTS", "2031-04-30" },
	{ "Ubuntu:21.04", "2022-01-20" }, { "Ubuntu:21.10", "2022-07-14" },
	{ "Ubuntu:22.10", "2023-07-20" }, { "Ubuntu:23.04", "2024-01-25" },
	{ "Ubuntu:23.10", "2024-07-11" }, { "Ubuntu:24.10", "2025-07-10" },
	{ "Ubuntu:25.04", "2026-01-15" }, { "Ubuntu:25.10", "2026-07-09" },
	{ "Alpine:v3.0", "2016-05-01" }, { "Alpine:v3.1", "2016-11-01" },
	{ "Alpine:v3.2", "2017-05-01" }, { "Alpine:v3.3", "2017-11-01" },
	{ "Alpine:v3.4", "2018-05-01" }, { "Alpine:v3.5", "2018-11-01" },
	{ "Alpine:v3.6", "2019-05-01" }, { "Alpine:v3.7", "2019-11-01" },
	{ "Alpine:v3.8", "2020-05-01" }, { "Alpine:v3.9", "2020-11-01" },
	{ "Alpine:v3.10", "2021-05-01" }, { "Alpine:v3.11", "2021-11-01" },
	{ "Alpine:v3.12", "2022-05-01" }, { "Alpine:v3.13", "2022-11-01" },
	{ "Alpine:v3.14", "2023-05-01" }, { "Alpine:v3.15", "2023-11-01" },
	{ "Alpine:v3.16", "2024-05-23" }, { "Alpine:v3.17", "2024-11-22" },
	{ "Alpine:v3.18", "2025-05-09" }, { "Alpine:v3.19", "2025-11-01" },
	{ "Alpine:v3.20", "2026-04-01" }, { "Alpine:v3.21", "2026-11-01" },
	{ "Alpine:v3.22", "2027-05-01" }, { "Alpine:v3.23", "2027-11-01" },
	{ "openSUSE:Leap 15.0", "2019-12-03" },
	{ "openSUSE:Leap 15.1", "2021-01-31" },
	{ "openSUSE:Leap 15.2", "2021-12-31" },
	{ "openSUSE:Leap 15.3", "2022-12-31" },
	{ "openSUSE:Leap 15.4", "2023-12-07" },
	{ "openSUSE:Leap 15.5", "2024-12-31" },
	{ "Amazon Linux:2018", "2023-12-31" }, { "Amazon Linux:2", "2026-06-30" },
	{ "Photon OS:1.0", "2022-02-28" }, { "Photon OS:2.0", "2022-12-31" },
	{ "Photon OS:3.0", "2024-03-01" },
	{ "Azure Linux:1", "2023-07-31" }, { "Azure Linux:2", "2025-07-31" },
	{ "AlmaLinux:8", "2029-05-31" }, { "Rocky Linux:8", "2029-05-31" },
};

struct str
support_ended(struct str namespace, struct str today)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_eqz(namespace, ends[i].namespace))
			return (str_of(str_cmp(str_of(ends[i].last_day),
			    today) < 0 ? ends[i].last_day : ""));
	return (str_of(""));
}
