-- matcher_session: for sessions whose parameters are long arrays: a plan made without
-- them would fit none, and joins of that size want room.
SELECT set_config('plan_cache_mode', 'force_custom_plan', false), set_config('work_mem', '64MB', false);
