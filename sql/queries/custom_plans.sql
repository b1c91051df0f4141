-- custom_plans: for sessions whose parameters are long arrays: a plan made without
-- them would fit none.
SET plan_cache_mode = force_custom_plan;
