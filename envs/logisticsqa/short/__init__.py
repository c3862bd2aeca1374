"""LogisticsQA's short documents alone, for models to which each thousand tokens cost a minute."""
