"""What moved a KPI: the change between two windows, taken apart by the values of a dimension."""
